"""What a user agent says of browser, system, device, processor and engine: `parse_user_agent(text)` gives JSON.

The same file is the body of the function on both engines: Snowflake gets its text, DuckDB calls it in dbt's process.
So it is one file without imports of ours, and without two dollar signs in a row.

Browser, system and device come from uap-core's rules (the package ua-parser); what those lack is in the tables below.
Names are those of UAParser.js 1.x, and so are the values of device_type, cpu_architecture and engine_name. Three things
differ on purpose: a computer's device_type is `desktop` (there: undefined), an Internet Explorer without a Trident
version still has that engine, and is_bot is new.
"""

import json
import re

from ua_parser import user_agent_parser

# Two texts, either of which may be unknown.
Pair = tuple[str | None, str | None]
# A part of uap-core's answer.
Known = dict[str, str | None]
Patterns = tuple[tuple[str, re.Pattern[str]], ...]

# Longer texts are cut. UAParser.js looks at 350 to 500 characters; the longest agents of real browsers (Internet
# Explorer with a list of extensions) have some 800. At this length the slowest text found takes some 30 ms, at
# 8,000 some 400 ms; real ones take half a millisecond.
MAXIMUM_CHARACTERS = 1000

# What uap-core calls it -> what UAParser.js calls it; all others have the same name in both.
BROWSERS = {
    "Amazon Silk": "Silk",
    "Android": "Android Browser",
    "BlackBerry WebKit": "BlackBerry",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile WebView": "Chrome WebView",
    "Chrome Mobile iOS": "Chrome",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Google": "GSA",
    "HeadlessChrome": "Chrome Headless",
    "IE Mobile": "IEMobile",
    "MiuiBrowser": "MIUI Browser",
    "Opera Mobile": "Opera Mobi",
    "Pale Moon": "PaleMoon",
    "QQ Browser": "QQBrowser",
    "QQ Browser Mobile": "QQBrowser",
    "UC Browser": "UCBrowser",
    "Yandex Browser": "Yandex",
}
# What uap-core takes for a mail program because nothing but the engine is named.
NOT_BROWSERS = re.compile(r"PlayStation|Apple Watch")

SYSTEMS = {
    "ATV OS X": "tvOS",
    "BlackBerry OS": "BlackBerry",
    "Chrome OS": "Chromium OS",
    "Mac OS X": "Mac OS",
    "Symbian OS": "Symbian",
    "Web0S": "webOS",
    "WatchOS": "watchOS",
}

# Makers of models that uap-core knows no maker for.
VENDORS = (
    ("Samsung", re.compile(r"^(?:SM|GT|SCH|SGH)-")),
    ("Sony", re.compile(r"^BRAVIA")),
    ("Google", re.compile(r"^(?:Pixel|Nexus)\b")),
)
MODELS = {"AppleTV": "Apple TV", "Mac": "Macintosh"}
# uap-core does not look for it, and calls every device of Amazon a Kindle.
XBOX = re.compile(r"\bXbox(?:; (Xbox (?:One|Series [XS])))?(?=[;)])")
AMAZON_MODEL = re.compile(r"\b(?:KF|AFT)[A-Z0-9]{1,8}\b")

# The first that matches, in this order: a television may name Android, and a tablet may call itself mobile.
DEVICE_TYPES = (
    ("console", r"playstation|xbox|nintendo|\bouya\b|android.+; shield\b"),
    (
        "smarttv",
        r"smart-?tv|google ?tv|apple ?tv|android tv|hbbtv|netcast|web0s|\broku\b|crkey|chromecast|\bbravia\b|viera"
        r"|\baft[a-z0-9]{1,8}\b|opera tv|inettv|vizio|\bdtv\b|\btv safari",
    ),
    ("wearable", r"watch ?os|apple watch|android wear|\bsm-[rl]\d{3}|pebbleapp|; glass \d|; quest|oculusbrowser"),
    ("embedded", r"\btesla\b|qtcarbrowser|\baeobc\b|homepod|windows iot"),
    (
        "tablet",
        r"ipad|playbook|tablet(?! pc)|kindle|\bkf[a-z]{2,6}\b|touchpad|\bxoom\b|nexus (?:7|9|10)\b|pixel c\b"
        r"|\bsm-[tx]\d{3}|\bgt-p\d{4}|mi pad|mediapad",
    ),
    (
        "mobile",
        r"iphone|ipod|mobi|windows phone|blackberry|\bbb10\b|opera mini|symbian|kaios|nokia|midp|up\.browser|dalvik"
        r"|cfnetwork",
    ),
    # Chrome leaves out "Mobile" on tablets (https://developer.chrome.com/docs/multidevice/user-agent).
    ("tablet", r"android"),
    ("desktop", r"windows|macintosh|mac_powerpc|x11|cros\b|linux|bsd\b|sunos"),
)

# A Mac is no evidence: those with Apple's own processor still say "Intel".
ARCHITECTURES = (
    ("amd64", r"\b(?:amd64|x86[_-]64|x64|win64|wow64)\b"),
    ("arm64", r"\b(?:aarch64|arm_?64|armv8l?)\b"),
    ("ia32", r"\b(?:ia32|i[3-6]86|x86)\b"),
    ("ia64", r"\bia64\b"),
    ("armhf", r"\barmv[67]h?l?\b"),
    ("arm", r"\barm(?:v\d+\w?)?\b|windows (?:ce|mobile); ppc"),
    ("ppc64", r"\b(?:ppc|powerpc)64(?:le)?\b"),
    ("ppc", r"\b(?:ppc|powerpc)\b"),
    ("sparc64", r"\bsparc64\b"),
    ("sparc", r"\b(?:sparc|sun4\w)\b"),
    ("mips64", r"\bmips64\b"),
    ("mips", r"\bmips\b"),
    ("riscv64", r"\briscv64\b"),
)

# The group is the version. Blink tells it by Chrome's number, which up to 27 was WebKit.
ENGINES = (
    ("EdgeHTML", r"windows.{1,200}\sedge/([\w.]+)"),
    ("Blink", r"webkit/537\.36.{1,200}chrom(?:e|ium)/(?!27\.)([\w.]+)"),
    ("Presto", r"presto/([\w.]+)"),
    ("Trident", r"trident/([\w.]+)"),
    ("Trident", r"msie \d()"),
    ("Goanna", r"goanna/([\w.]+)"),
    ("WebKit", r"webkit/([\w.]+)"),
    ("NetFront", r"netfront/([\w.]+)"),
    ("KHTML", r"khtml/([\w.]+)"),
    ("Gecko", r"rv:([\w.]{1,9})\b.{1,100}gecko"),
)

# Programs, not people; on top of the spiders that uap-core knows. An app's HTTP library (okhttp, CFNetwork, Dalvik)
# is none of them: a person holds the telephone. Neither is a telephone made by Cubot.
BOTS = re.compile(
    r"(?<!\bcu)bot\b|crawler|spider|slurp|headless|phantomjs|lighthouse|pingdom|uptime"
    r"|^(?:curl|wget|httpie|python|java|ruby|perl|php|axios|undici|got|node|go-http-client|postmanruntime|insomnia|k6"
    r"|hey|scrapy)\b"
    r"|python-(?:requests|urllib|httpx)|aiohttp|apache-httpclient|apachebench|libwww|guzzlehttp|node-fetch|jmeter",
    re.IGNORECASE,
)

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def parse_user_agent(user_agent: str | None) -> str:
    """What a user agent says, as the text of a JSON object; null where it says nothing. Any text has an answer."""
    text = UNPRINTABLE.sub(" ", user_agent or "")[:MAXIMUM_CHARACTERS]
    known = user_agent_parser.Parse(text)
    browser_name, browser_version = browser(text, known["user_agent"])
    os_name, os_version = system(known["os"])
    vendor, model = device(text, known["device"])
    engine_name, engine_version = engine(text)
    return json.dumps(
        {
            "browser_name": browser_name,
            "browser_version": browser_version,
            "browser_major": known["user_agent"]["major"] if browser_name else None,
            "os_name": os_name,
            "os_version": os_version,
            "device_type": first(COMPILED_DEVICE_TYPES, text),
            "device_model": model,
            "device_vendor": vendor,
            "cpu_architecture": first(COMPILED_ARCHITECTURES, text),
            "engine_name": engine_name,
            "engine_version": engine_version,
            "is_bot": known["device"]["family"] == "Spider" or BOTS.search(text) is not None,
        }
    )


def browser(text: str, known: Known) -> Pair:
    """Name and version. uap-core gives three numbers of a version; all that the text has are taken."""
    name = known["family"]
    if name in (None, "Other") or NOT_BROWSERS.search(text):
        return None, None
    version = joined(known["major"], known["minor"], known["patch"])
    if version:
        longer = re.search(r"(?<![\w.])" + re.escape(version) + r"(?:\.\d+)+", text)
        version = longer.group() if longer else version
    return BROWSERS.get(name, name), version


def system(known: Known) -> Pair:
    """Name and version."""
    name = known["family"]
    if name in (None, "Other"):
        return None, None
    version = joined(known["major"], known["minor"], known["patch"], known["patch_minor"])
    return SYSTEMS.get(name, name), version


def device(text: str, known: Known) -> Pair:
    """Vendor and model. A spider has none, and neither has what uap-core only knows to be some telephone."""
    vendor, model = known["brand"], known["model"]
    xbox = XBOX.search(text)
    if xbox:
        return "Microsoft", xbox.group(1) or xbox.group()
    if vendor in (None, "Spider", "Generic") or model is None or model == "K":
        # Chrome says "K" for every telephone since it tells no models any more.
        return None, None
    if vendor.startswith("Generic"):
        return first(VENDORS, model), model
    if vendor == "Amazon":
        told = AMAZON_MODEL.search(text)
        return vendor, told.group() if told else model
    return vendor, MODELS.get(model, model.removeprefix(f"{vendor} "))


def engine(text: str) -> Pair:
    """Name and version."""
    for name, pattern in COMPILED_ENGINES:
        found = pattern.search(text)
        if found:
            return name, found.group(1) or None
    return None, None


def first(table: Patterns, text: str) -> str | None:
    """The name of the first pattern that is found."""
    return next((name for name, pattern in table if pattern.search(text)), None)


def joined(*numbers: str | None) -> str | None:
    """A version, as far as it is known."""
    known = [number for number in numbers if number]
    return ".".join(known) or None


def compiled(table: tuple[tuple[str, str], ...]) -> Patterns:
    """The table's patterns, in any case."""
    return tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in table)


COMPILED_DEVICE_TYPES = compiled(DEVICE_TYPES)
COMPILED_ARCHITECTURES = compiled(ARCHITECTURES)
COMPILED_ENGINES = compiled(ENGINES)
