"""Every text has its translation, and the compiled files say what the .po files say."""

import re
import shutil
import sys

import polib
import pytest

from tools import messages


def chinese(root) -> polib.POFile:
    path = root / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    assert path.exists(), "there is no Chinese catalogue: run `make messages`"
    return polib.pofile(str(path))


def test_the_compiled_translations_are_fresh():
    stale = [po.name for po in messages.catalogues() if messages.is_stale(po)]
    assert not stale, "run `make messages`"


def test_a_stale_file_is_seen_and_compiled(tmp_path):
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="case", msgstr="个案"))
    catalogue.save(str(folder / "django.po"))
    assert messages.is_stale(folder / "django.po")
    assert messages.compile_stale(tmp_path) == [folder / "django.po"]
    assert messages.compile_stale(tmp_path) == []
    assert polib.mofile(str(folder / "django.mo"))[0].msgstr == "个案"


@pytest.fixture(scope="module")
def collected(root, tmp_path_factory):
    """The catalogue that ``make messages`` would write, made in a copy of the sources."""
    if not shutil.which("xgettext") or not shutil.which("msgmerge"):
        pytest.skip("needs gettext's xgettext and msgmerge: install the package gettext")
    copy = tmp_path_factory.mktemp("sources")
    for name in ("retrain", "accounts", "assessments", "cohorts", "templates", "locale"):
        if (root / name).exists():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "locale").mkdir(exist_ok=True)
    (copy / "static").mkdir()
    shutil.copy(root / "manage.py", copy)
    messages.collect(copy, sys.executable)
    return polib.pofile(str(copy / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))


def test_the_catalogue_holds_every_text_and_no_other(root, collected):
    kept = chinese(root)
    texts = {(entry.msgctxt, entry.msgid) for entry in kept if not entry.obsolete}
    wanted = {(entry.msgctxt, entry.msgid) for entry in collected if not entry.obsolete}
    assert wanted == texts, "run `make messages`"


def test_nothing_is_untranslated_or_fuzzy(root):
    kept = chinese(root)
    assert not [entry.msgid for entry in kept.untranslated_entries()]
    assert not [entry.msgid for entry in kept.fuzzy_entries()]


def test_every_placeholder_survives_translation(root):
    kept = chinese(root)
    named = re.compile(r"%\((\w+)\)")
    for entry in kept.translated_entries():
        sources = set(named.findall(entry.msgid + (entry.msgid_plural or "")))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert set(named.findall(text)) <= sources, entry.msgid
                assert entry.msgid_plural or set(named.findall(text)) == sources, entry.msgid
