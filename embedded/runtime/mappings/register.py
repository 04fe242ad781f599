"""Which mappings there are, by the emulator's own register; each is started, changed and ended as that says."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.functions.functions import PRINCIPAL, Functions
from embedded.runtime.mappings.definition import Mapping, mapping
from embedded.runtime.mappings.mapping import MappingAtWork
from embedded.runtime.roles import CONFIG, Roles
from embedded.runtime.streams.sharing import SharedShards

LOOK_SECONDS = 0.5  # how soon a new or changed mapping is seen; AWS takes minutes
FRESH_SECONDS = 5.0  # a change is dated to the second: so long it is looked at again

log = logging.getLogger(__name__)


class Mappings(threading.Thread):
    """All stream mappings, until stopped. `folder` holds how far each is."""

    def __init__(self, folder: Path, functions: Functions, shards: SharedShards) -> None:
        super().__init__(name="mappings", daemon=True)
        self._folder = folder
        self._client = boto3.client("lambda", config=CONFIG)
        self._roles, self._functions, self._shards = Roles(PRINCIPAL), functions, shards
        self._at_work: dict[str, MappingAtWork] = {}
        self._tags: dict[str, tuple[Any, dict[str, str]]] = {}
        self._ended = threading.Event()
        self._troubled = False
        self._odd: set[str] = set()

    def run(self) -> None:
        """Looks at the register until stopped."""
        while not self._ended.is_set():
            try:
                self._follow({each.uuid: each for each in self._wanted()})
                self._troubled = False
            except (ClientError, BotoCoreError) as error:
                if not self._troubled:
                    log.warning("the mappings can not be listed: %s", error)
                self._troubled = True
            self._ended.wait(LOOK_SECONDS)

    def stop(self) -> None:
        """Ends all; returns when the invocations under way are over."""
        self._ended.set()
        if self.ident is not None:
            self.join()
        if self._at_work:
            with ThreadPoolExecutor(len(self._at_work)) as pool:
                list(pool.map(MappingAtWork.stop, self._at_work.values()))

    def status(self) -> list[dict[str, Any]]:
        """Figures of each mapping for `make status`."""
        found = [each.status() for each in list(self._at_work.values())]
        return sorted(found, key=lambda each: (each["name"], each["source"]))

    def _wanted(self) -> list[Mapping]:
        """The mappings of streams that are to be polled here."""
        pages = self._client.get_paginator("list_event_source_mappings").paginate()
        found = [each for page in pages for each in page["EventSourceMappings"] if "StartingPosition" in each]
        described = [self._described(each) for each in found]
        return [each for each in described if each and each.enabled]

    def _described(self, found: dict[str, Any]) -> Mapping | None:
        """None for one that nobody can understand: it must not hinder the others."""
        try:
            return mapping(found, self._tags_of(found))
        except ValueError as error:
            if found["UUID"] not in self._odd:
                log.warning("the mapping %s is left out: %s", found["UUID"], error)
            self._odd.add(found["UUID"])
            return None

    def _tags_of(self, found: dict[str, Any]) -> dict[str, str]:
        """Its tags, asked for again when it changed."""
        uuid, changed = found["UUID"], found["LastModified"]
        known = self._tags.get(uuid)
        if known and known[0] == changed and time.time() - changed.timestamp() > FRESH_SECONDS:
            return known[1]
        tags = self._client.list_tags(Resource=found["EventSourceMappingArn"])["Tags"]
        self._tags[uuid] = (changed, tags)
        return tags

    def _follow(self, wanted: dict[str, Mapping]) -> None:
        for uuid, at_work in list(self._at_work.items()):
            if wanted.get(uuid) != at_work.mapping:
                at_work.stop()
                del self._at_work[uuid]
                if uuid not in wanted and not self._there(uuid):
                    at_work.forget()
        for uuid, each in wanted.items():
            if uuid not in self._at_work:
                self._at_work[uuid] = MappingAtWork(each, self._folder, self._roles, self._functions, self._shards)
                self._at_work[uuid].start()

    def _there(self, uuid: str) -> bool:
        """Whether a mapping that is not polled any more still exists: it may be enabled again."""
        try:
            return bool(self._client.get_event_source_mapping(UUID=uuid))
        except self._client.exceptions.ResourceNotFoundException:
            return False
