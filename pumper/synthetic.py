"""A dataset in the Coveo dataset's format and of its shape, from a seed: for when there is no copy of the real one.

Sessions are made one by one and written as they are made, so memory does not grow with the size. The figures come from
`shape`; the constants here are what makes those figures come out, and our choices where the sources are silent.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, log, pi
from pathlib import Path
from random import Random

from pumper import shape
from pumper.products import Shop, Sku, hexadecimal
from pumper.rows import BROWSING_FILE, COLUMNS, SEARCH_FILE

# Share of the sessions with at most 1, 2, … 8 rows: through the quantiles, between them our choice.
_SMALL = (0.14, 0.36, 0.52, 0.60, 0.66, 0.705, 0.74, 0.765)
_MIDDLE, _TAIL = 1.6, 4.0  # bend 8 to 27 rows and the last twentieth, to 206, so that the mean is ROWS_A_SESSION
_DETAIL = 0.757  # sessions of two rows or more that view a product
_MORE_DETAILS = 0.68  # of the further pairs of rows of such a session, that are views too
_ROWS_TO_ADD, _ROWS_TO_REMOVE, _ROWS_TO_PURCHASE = 5, 12, 4  # at least, for such a session
_ROWS_TO_REVISE, _REVISING = 6, 0.75  # of the sessions of so many rows that buy, also remove something: our choice
_MORE_ADDS, _MORE_REMOVES, _MORE_PURCHASES = 0.36, 0.84, 0.33  # chance of one more, each time
_UNCATALOGUED_REMOVES, _UNCATALOGUED_PURCHASES = 0.6, 0.55  # our choice
_MEDIAN_GAP = 35.0  # seconds between pages, our choice
_PEAK_TO_TROUGH = 22.0  # of sessions' starts: their rows run over into the trough
_LONGEST_GAP = 1_700.0  # seconds: below the half hour that would make two sessions of one
_PAGES = 2_000  # pages that are not products'
_MORE_SEARCHES = 0.33  # chance of one more, each time
_CLICKED = 0.35  # of the searches with results, our choice
_KNOWN_QUERY = 0.3  # of the searches ask what was asked before, our choice
_FIRST_REPEATED_ROW, _FIRST_OUT_OF_ORDER = 500, 50  # early, so that small datasets have one too
_BLOCK = 2_000  # sessions written at once

Show = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much: so many sessions, or sessions until there are so many rows (`events`); over so many days."""

    events: int | None = None
    sessions: int | None = None
    days: int = shape.DAYS

    @property
    def rows(self) -> int:
        """About how many rows that makes."""
        return self.events or round((self.sessions or 0) * shape.ROWS_A_SESSION)


def generate(folder: Path, size: Size, *, seed: int, show: Show) -> int:
    """Writes the three files into a folder and gives the number of browsing rows."""
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)  # noqa: S311 - the same seed, the same dataset
    shop = Shop(random, details=round(size.rows * shape.ROW_SHARES["detail"]))
    shop.write_catalogue(folder)
    maker = _Maker(random, shop, days=size.days)
    rows = sessions = 0
    with (
        (folder / BROWSING_FILE).open("w", encoding="ascii", newline="\n") as browsing,
        (folder / SEARCH_FILE).open("w", encoding="ascii", newline="\n") as searching,
    ):
        browsing.write(",".join(COLUMNS[BROWSING_FILE]) + "\n")
        searching.write(",".join(COLUMNS[SEARCH_FILE]) + "\n")
        searches: list[str] = []
        while rows < size.events if size.events else sessions < (size.sessions or 0):
            lines, found = maker.session()
            browsing.writelines(lines)
            searches += found
            rows += len(lines)
            sessions += 1
            if sessions % _BLOCK == 0:
                random.shuffle(searches)  # the sessions of the two files are not in one order
                searching.writelines(searches)
                searches.clear()
                show("making a synthetic dataset", rows, size.rows)
        random.shuffle(searches)
        searching.writelines(searches)
    return rows


class _Maker:
    """Makes sessions."""

    def __init__(self, random: Random, shop: Shop, *, days: int) -> None:
        self._random, self._shop, self._days = random, shop, days
        self._hours = hourly_shares()
        self._pages = [hexadecimal(random) for _ in range(_PAGES)]
        self._queries = [shop.vector()]
        self._rows = self._sessions = 0
        self._next_repeated, self._next_out_of_order = _FIRST_REPEATED_ROW, _FIRST_OUT_OF_ORDER
        # Chances among the sessions that are long enough, so that of all sessions REACH of them do it.
        self._add = shape.REACH["add"] / share_of_at_least(_ROWS_TO_ADD)
        with_add = shape.REACH["purchase"] * (1 - shape.PURCHASE_WITHOUT_ADD)
        self._purchase_after_add = with_add / shape.REACH["add"]
        without = shape.REACH["purchase"] * shape.PURCHASE_WITHOUT_ADD
        self._purchase_alone = without / (share_of_at_least(_ROWS_TO_PURCHASE) - shape.REACH["add"])
        self._remove = self._chance_to_remove()
        self._searching = shape.SEARCHING_SHARE

    def _chance_to_remove(self) -> float:
        """Of the long sessions without a purchase, so that with those that have one as many remove as REACH says."""
        buying = self._add * self._purchase_after_add + (1 - self._add) * self._purchase_alone
        revising = share_of_at_least(_ROWS_TO_REVISE) * buying * _REVISING
        return (shape.REACH["remove"] - revising) / (share_of_at_least(_ROWS_TO_REMOVE) * (1 - buying))

    def session(self) -> tuple[list[str], list[str]]:
        """Lines of browsing and lines of searches of one session."""
        random = self._random
        id = hexadecimal(random)
        start = self._start()
        timed = self._timed_rows(rows_at(random.random()))
        timed.sort(key=_second)
        lines = [f"{id},{what},{start + int(second * 1000)},{url}\n" for second, what, url in timed]
        self._rows += len(lines)
        self._sessions += 1
        if self._rows >= self._next_repeated:
            self._next_repeated += round(1 / shape.REPEATED_ROW_SHARE)
            pages = [line for line in lines if ",pageview," in line]
            lines.append(pages[-1])
        if self._sessions >= self._next_out_of_order and timed[0][0] < timed[-1][0]:
            self._next_out_of_order += round(1 / shape.OUT_OF_ORDER_SHARE)
            lines[0], lines[-1] = lines[-1], lines[0]
        if random.random() >= self._searching:
            return lines, []
        return lines, self._searches(id, start, timed[-1][0])

    def _timed_rows(self, rows: int) -> list[tuple[float, str, str]]:
        """(second of the session, type and action and sku, url) of each row, by no order."""
        random = self._random
        adds, removes, purchases = self._actions(rows)
        acting = adds + removes + purchases
        pages = rows - acting
        details = 0
        if pages >= 2 and (adds or random.random() < _DETAIL):
            details = 1 + int((pages // 2 - 1) * _MORE_DETAILS + random.random())
            details = min(details, pages // 2)
        viewed = [self._shop.popular() for _ in range(details)]
        units: list[Sku | None] = [*viewed, *[None] * (pages - 2 * details)]
        random.shuffle(units)
        moments, add_at, purchase_at = self._moments(len(units), adds > 0, purchases > 0, acting > 0)
        timed: list[tuple[float, str, str]] = []
        for second, sku in zip(moments, units, strict=True):
            if sku is None:
                timed.append((second, "pageview,,", self._page()))
                continue
            pair = [(second, "pageview,,", sku.url), (second, f"event_product,detail,{sku.id}", sku.url)]
            if random.random() >= shape.TWIN_SHARE:
                pair[0] = (second, "pageview,,", self._page())
            timed += pair if random.random() < 0.5 else reversed(pair)
        if not acting:
            return timed
        end = max(moments[-1], add_at, purchase_at) + 30
        added = [random.choice(viewed) if viewed else self._shop.popular() for _ in range(adds)]
        for number, sku in enumerate(added):
            second = random.uniform(add_at, end) if number else add_at
            timed.append((second, f"event_product,add,{sku.id}", sku.url))
        for _ in range(removes):
            sku = self._shop.unknown() if random.random() < _UNCATALOGUED_REMOVES else self._shop.popular()
            timed.append((random.uniform(add_at, end), f"event_product,remove,{sku.id}", sku.url))
        bought: set[Sku] = set()
        while len(bought) < purchases:
            unknown = random.random() < _UNCATALOGUED_PURCHASES
            known = random.choice(added) if added and not bought else self._shop.popular()
            bought.add(self._shop.unknown() if unknown else known)
        checkout = self._pages[0]
        timed += [(purchase_at, f"event_product,purchase,{sku.id}", checkout) for sku in sorted(bought)]
        return timed

    def _actions(self, rows: int) -> tuple[int, int, int]:
        """How many adds, removes and purchases a session of so many rows has; two rows at least stay pages."""
        random = self._random
        room = rows - 2
        adds = removes = purchases = 0
        if rows >= _ROWS_TO_ADD and random.random() < self._add:
            adds = min(self._some(_MORE_ADDS), room - 1)
            if random.random() < self._purchase_after_add:
                purchases = min(self._some(_MORE_PURCHASES), room - adds)
        elif rows >= _ROWS_TO_PURCHASE and random.random() < self._purchase_alone:
            purchases = min(self._some(_MORE_PURCHASES), room)
        if purchases:
            revising = rows >= _ROWS_TO_REVISE and random.random() < _REVISING
        else:
            revising = rows >= _ROWS_TO_REMOVE and random.random() < self._remove
        if revising:
            removes = min(self._some(_MORE_REMOVES), room - adds - purchases)
        return adds, removes, purchases

    def _moments(self, units: int, adds: bool, purchases: bool, acting: bool) -> tuple[list[float], float, float]:
        """Seconds of the pages, of the first add and of the purchase; no two neighbours are half an hour apart."""
        random = self._random
        if not acting:
            second, moments = 0.0, [0.0]
            for _ in range(units - 1):
                second += min(_LONGEST_GAP, random.lognormvariate(log(_MEDIAN_GAP), 1.1))
                moments.append(second)
            return moments, 0.0, 0.0
        add_at = min(_LONGEST_GAP, random.lognormvariate(log(shape.START_TO_ADD), 0.9))
        end = add_at
        if adds and purchases:
            end += min(_LONGEST_GAP, random.lognormvariate(log(shape.ADD_TO_PURCHASE), 0.8))
        last = end + (0 if purchases else 60)
        return [0.0, *sorted(random.uniform(0, last) for _ in range(units - 1))], add_at if adds else 0.0, end

    def _some(self, more: float) -> int:
        count = 1
        while self._random.random() < more:
            count += 1
        return count

    def _page(self) -> str:
        return self._pages[int(self._random.random() ** 3 * _PAGES)]

    def _start(self) -> int:
        random = self._random
        hour = bisect_left(self._hours, random.random())
        moment = (random.randrange(self._days) * 24 + hour) * 3_600_000 + random.randrange(3_600_000)
        return shape.FIRST_DAY_MS + moment

    def _searches(self, session: str, start: int, duration: float) -> list[str]:
        random, shop = self._random, self._shop
        lines: list[str] = []
        for _ in range(self._some(_MORE_SEARCHES)):
            if random.random() < _KNOWN_QUERY:
                query = random.choice(self._queries)
            else:
                query = shop.vector()
                if len(self._queries) < _PAGES:
                    self._queries.append(query)
            found = self._found(_results(random))
            clicked = [found[_rank(random, len(found))]] if found and random.random() < _CLICKED else []
            time = start + int(random.uniform(0, duration) * 1000)
            lines.append(f"{session},{query},{_listed(clicked)},{_listed(found)},{time}\n")
        return lines

    def _found(self, results: int) -> list[str]:
        """So many skus, popular ones first."""
        shop, random = self._shop, self._random
        found = dict.fromkeys(shop.popular().id for _ in range(results))
        while len(found) < min(results, len(shop.viewed)):
            found.setdefault(random.choice(shop.viewed).id)
        return list(found)


def rows_at(share: float) -> int:
    """How many rows the session at this share of all sessions, the shorter ones first, has."""
    if share <= _SMALL[-1]:
        return bisect_left(_SMALL, share) + 1
    if share <= 0.90:
        return _between(share, _SMALL[-1], 0.90, 8, 17, _MIDDLE)
    if share <= 0.95:
        return _between(share, 0.90, 0.95, 17, 27, _MIDDLE)
    return _between(share, 0.95, 1.0, 27, shape.MOST_ROWS, _TAIL)


def _between(share: float, low: float, high: float, few: int, many: int, bend: float) -> int:
    return round(few * (many / few) ** (((share - low) / (high - low)) ** bend))


def share_of_at_least(rows: int) -> float:
    steps = 10_000
    return sum(rows_at((step + 0.5) / steps) >= rows for step in range(steps)) / steps


def hourly_shares() -> list[float]:
    """Share of the sessions up to the end of each hour: a wave in the logarithm, from peak to trough and back."""
    down = (shape.TROUGH_HOUR - shape.PEAK_HOUR) % 24
    weights = []
    for hour in range(24):
        since = (hour - shape.PEAK_HOUR) % 24
        phase = since / down if since <= down else 1 + (since - down) / (24 - down)
        weights.append(_PEAK_TO_TROUGH ** ((1 + cos(pi * phase)) / 2))
    total, reached, shares = sum(weights), 0.0, []
    for weight in weights:
        reached += weight / total
        shares.append(reached)
    shares[-1] = 1.0
    return shares


def _results(random: Random) -> int:
    """A search's number of results: none, fewer than a full page, a full page or more. The two last: our choice."""
    chance = random.random()
    if chance < shape.ZERO_RESULTS:
        return 0
    if chance < 0.48:
        return random.randint(1, shape.MEDIAN_RESULTS - 1)
    return shape.MEDIAN_RESULTS if chance < 0.78 else random.randint(shape.MEDIAN_RESULTS + 1, 100)


def _rank(random: Random, results: int) -> int:
    """The clicked result, counted from 0: the further down, the rarer."""
    if results == 1 or random.random() < shape.RANK_ONE_CLICKS:
        return 0
    return 1 + int(random.random() ** 2 * (results - 1))


def _listed(skus: list[str]) -> str:
    """A list as Python's repr writes it, quoted for CSV; missing is empty."""
    return f'"{skus}"' if skus else ""


def _second(row: tuple[float, str, str]) -> float:
    return row[0]
