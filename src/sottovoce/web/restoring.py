"""The way back, for the page."""

import shutil
from pathlib import Path

from sottovoce.reversible.companion import Companion, companion_path
from sottovoce.reversible.keys import Secret
from sottovoce.reversible.restore import restore_file
from sottovoce.web.uploads import Upload


def restore(protected: Upload, companion: Upload, secret: Secret, folder: Path) -> tuple[Path, str]:
    """Restore an original, in the format that it had.

    Args:
        protected: the protected file.
        companion: its companion.
        secret: that the companion was sealed with.
        folder: an empty one.

    Returns:
        The file, and what was restored, for people.

    Raises:
        SottovoceError: as `restore_file`.
    """
    pair = folder / f"protected{protected.path.suffix}"
    shutil.copyfile(protected.path, pair)
    shutil.copyfile(companion.path, companion_path(pair))
    target = folder / f"restored{Companion.read(companion_path(pair), secret).contents.suffix}"
    return target, restore_file(pair, target, secret)
