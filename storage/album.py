"""A person's photos: those in a draft, and those of what they have reported, for as long as the phone has
them."""

import os
import uuid
from functools import partial

from care.facts import Ref
from care.photo import DeviationPhotographed, Shows
from storage import pages, photos
from storage.drafts import DRAFTS, Draft
from storage.photos import HeldPhoto
from storage.session import Session


class Album(Session):
    """Every call raises Locked after `lock`."""

    def photos_in(self, draft: str) -> list[HeldPhoto]:
        """The photos in a draft, in the order in which they came. One that is damaged is named, and left out:
        it must not keep anybody from reporting."""
        with self._database.reading() as connection:
            own = self._keys().own
            return list(photos.of(connection, own, DRAFTS.name(own, draft), partial(pages.name, self._file)))

    def photos_of(self, kind: str, id: str) -> list[HeldPhoto]:
        """The photos of something reported, those that this phone still has. Raises Damaged."""
        with self._database.reading() as connection:
            own = self._keys().own
            return list(photos.of(connection, own, own.facts.lookup(Ref(kind, id))))

    def add_photo(self, draft: str, said: DeviationPhotographed, data: bytes, thumb: bytes) -> str:
        """Keep a photo in a draft, which is begun if it is not. On disk when it returns. Returns its id."""
        photo = HeldPhoto(str(uuid.UUID(bytes=os.urandom(16), version=4)), said, data, thumb)
        with self._database.writing() as connection:
            own, now = self._keys().own, self._file.now()
            if DRAFTS.get(connection, own, draft) is None:
                DRAFTS.put(connection, own, Draft(draft, now, b""))
            photos.put(connection, own, DRAFTS.name(own, draft), photo, now)
        self._file.tell()
        return photo.id

    def describe_photo(self, id: str, shows: Shows) -> None:
        """Say what a photo in a draft shows. Raises Damaged."""
        with self._database.writing() as connection:
            photos.describe(connection, self._keys().own, id, shows)
        self._file.tell()

    def drop_photo(self, id: str) -> None:
        """Take a photo out of its draft."""
        with self._database.writing() as connection:
            photos.drop(connection, self._keys().own, id)
        self._file.tell()

    def drop_photos(self, draft: str) -> None:
        """Take every photo out of a draft."""
        with self._database.writing() as connection:
            own = self._keys().own
            photos.drop_all(connection, own, DRAFTS.name(own, draft))
        self._file.tell()

    def photo_count(self, draft: str) -> int:
        """How many photos there are in a draft; costs next to nothing."""
        with self._database.reading() as connection:
            own = self._keys().own
            return photos.count(connection, own, DRAFTS.name(own, draft))

    @property
    def photos_unsent(self) -> frozenset[str]:
        """Ids of the facts, of anybody on this phone, whose photos the endpoint has not yet said it has."""
        return frozenset(self._file.pieces.waiting)
