"""English in the sources, Chinese in the catalogue: nothing is left out, also where gettext's programs are missing.

``test_messages`` compares the catalogue with what xgettext collects; here a small reading of our own does the same
without any program, and looks for Chinese that stands in code or templates instead of the catalogue.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation import gettext, ngettext, override

from tools import messages

PACKAGES = ("retrain", "accounts", "assessments", "cohorts")
# Names under which the house imports gettext's functions -> how many texts come first, and whether a context does.
CALLS = {
    "_": (1, False),
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (1, True),
    "pgettext_lazy": (1, True),
    "npgettext": (2, True),
    "npgettext_lazy": (2, True),
}
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# A language is offered under its own name, whatever the language of the page.
OWN_NAMES = {'"\u4e2d\u6587"'}
# %% is no placeholder; "%(name)s" and "%(name)d" must both survive with their type.
PLACEHOLDER = re.compile(r"(?<!%)%(?:\(\w+\))?[a-zA-Z]")
TAG = re.compile(r"</?[a-z]+[^>]*>")

Key = tuple[str | None, str]


def sources(root: Path, suffix: str) -> Iterator[Path]:
    """The house's own files; data, demonstration, documents and tests may hold Chinese."""
    for top in (*PACKAGES, "templates", "tools"):
        for path in sorted((root / top).rglob(f"*{suffix}")):
            parts = path.relative_to(root).parts
            if not {"data", "demo", "__pycache__"} & set(parts) and not path.stem.startswith("demo"):
                yield path


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of_code(source: str) -> Iterator[Key]:
    """(context, text) of each call of a gettext function with a literal text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS or not node.args:
            continue
        _, has_context = CALLS[name]
        context = constant(node.args[0]) if has_context else None
        text = constant(node.args[1] if has_context else node.args[0])
        if text:
            yield context, text


_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_TRANSLATE = re.compile(rf"^trans(?:late)?\s+{_QUOTED}")
_IN_EXPRESSION = re.compile(rf"(?<![\w.])_\({_QUOTED}\)")
_CONTEXT = re.compile(rf"\bcontext\s+{_QUOTED}")


def context_of(words: str) -> str | None:
    found = _CONTEXT.search(words)
    return found[1][1:-1] if found else None


def joined(block: list[str], opening: str) -> str:
    """The text of a block as Django looks it up."""
    text = "".join(block)
    return (
        " ".join(line.strip() for line in text.splitlines() if line.strip()) if "trimmed" in opening.split() else text
    )


def texts_of_tag(words: str) -> Iterator[Key]:
    """What one tag or variable holds outside a block."""
    if found := _TRANSLATE.match(words):
        yield context_of(words), found[1][1:-1].replace("%", "%%")
    for text in _IN_EXPRESSION.findall(words):
        yield None, text[1:-1]


def texts_of_template(source: str) -> Iterator[Key]:
    """(context, text) of {% translate %}, {% blocktranslate %} and _("...") in tags and variables."""
    block: list[str] | None = None  # of the singular; the plural is no key of the catalogue
    opening = ""
    for token in Lexer(source).tokenize():
        words = token.contents
        name = words.split()[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("blocktranslate", "blocktrans"):
            block, opening = [], words
        elif name in ("plural", "endblocktranslate", "endblocktrans"):
            if block is not None:
                yield context_of(opening), joined(block, opening)
            block = None
        elif token.token_type == TokenType.TEXT and block is not None:
            block.append(words.replace("%", "%%"))
        elif token.token_type == TokenType.VAR and block is not None:
            block.append(f"%({words})s")
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from texts_of_tag(words)


@pytest.fixture(scope="module")
def catalogue(root) -> polib.POFile:
    return polib.pofile(str(root / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))


def test_the_reading_sees_each_form_of_a_text():
    code = 'a = _("one") + pgettext("c", "two") + ngettext("three", "threes", n) + _(name) + other("four")'
    assert set(texts_of_code(code)) == {(None, "one"), ("c", "two"), (None, "three")}
    template = (
        '{% translate "one" as x %}{% translate \'two\' context "c" %}{{ v|yesno:_("a,b") }}'
        "{% blocktranslate trimmed with n=v %}\n  three {{ n }}\n  %\n{% endblocktranslate %}"
        "{% blocktranslate count n=v %}row{% plural %}rows{% endblocktranslate %}{# translate #}"
    )
    wanted = {(None, "one"), ("c", "two"), (None, "a,b"), (None, "three %(n)s %%"), (None, "row")}
    assert set(texts_of_template(template)) == wanted


def test_every_text_of_the_sources_is_in_the_catalogue(root, catalogue):
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}
    found = {
        key
        for suffix, read in ((".py", texts_of_code), (".html", texts_of_template))
        for path in sources(root, suffix)
        for key in read(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 500, "the reading has gone blind"
    assert not found - known, "run `make messages` and translate"


def test_nothing_is_untranslated_fuzzy_or_obsolete(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


def test_the_compiled_catalogue_holds_the_same_words(root, catalogue):
    compiled = polib.mofile(str(root / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"))
    words = [{(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in book} for book in (catalogue, compiled)]
    assert words[0] == words[1], "run `make messages`"


def test_placeholders_and_tags_survive(catalogue):
    for entry in catalogue:
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            for pattern in (PLACEHOLDER, TAG):
                source = entry.msgid_plural or entry.msgid
                assert sorted(pattern.findall(text)) == sorted(pattern.findall(source)), entry.msgid


def test_lists_of_answers_keep_their_number(catalogue):
    """``yesno`` splits at the Latin comma; a Chinese one would show both answers at once."""
    for entry in catalogue:
        if re.fullmatch(r"\w[\w ]*(,\w[\w ]*)+", entry.msgid):
            assert entry.msgstr.count(",") == entry.msgid.count(","), entry.msgid


def test_words_that_do_harm_are_not_used(catalogue):
    """Re-forging is no disciplinary punishment, and a nomination is no election."""
    harmful = re.compile("处罚|处分|诫勉|包庇|提名|神谕|镜像")
    assert [entry.msgid for entry in catalogue if harmful.search(entry.msgstr)] == []


def test_no_chinese_stands_in_code(root):
    misplaced = []
    for path in sources(root, ".py"):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            spoken = token.type in (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
            if spoken and CHINESE.search(token.string) and token.string not in OWN_NAMES:
                misplaced.append(f"{path.relative_to(root)}:{token.start[0]} {token.string[:40]}")
    assert misplaced == []


def test_no_chinese_stands_in_templates(root):
    misplaced = [path.name for path in sources(root, ".html") if CHINESE.search(path.read_text(encoding="utf-8"))]
    assert misplaced == []


def test_django_speaks_the_catalogue(catalogue):
    """The folder's name fits the language code of the settings, so that Django finds it."""
    assert "zh-hans" in dict(settings.LANGUAGES)
    assert messages.catalogues(), "there is no catalogue"
    with override("zh-hans"):
        assert gettext("My tasks") == "待办事项"
        assert ngettext("%(n)s row", "%(n)s rows", 2) % {"n": 2} == "2 条"
    with override("en"):
        assert gettext("My tasks") == "My tasks"
        assert ngettext("%(n)s row", "%(n)s rows", 2) % {"n": 2} == "2 rows"
