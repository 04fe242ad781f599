import pytest

from embedded.engine.settings import read_project
from headrace.console import Problem


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  shop:size: {default: 3}\n")
    (tmp_path / "__main__.py").write_text("")
    return tmp_path


def configure(folder, text: str) -> None:
    (folder / "Pulumi.local.yaml").write_text(text)


def test_settings_reach_the_program_as_pulumi_hands_them_over(folder):
    configure(
        folder, "config:\n  aws:region: eu-west-1\n  shop:on: true\n  shop:buffer: {mb: 4, days: [1, 2]}\n  bare: x\n"
    )
    project = read_project(folder, "local")
    assert project.config == {
        "shop:size": "3",
        "aws:region": "eu-west-1",
        "shop:on": "true",
        "shop:buffer": '{"mb": 4, "days": [1, 2]}',
        "shop:bare": "x",
    }
    assert project.provider_config("aws") == {"region": "eu-west-1"}


def test_the_stack_overrules_the_project(folder):
    configure(folder, "config:\n  shop:size: 5\n")
    assert read_project(folder, "local").config["shop:size"] == "5"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config:\n  shop:word: {secure: AAAB}\n", "'shop:word' is encrypted"),
        ("config:\n  shop:deep: {list: [{secure: AAAB}]}\n", "'shop:deep' is encrypted"),
        ("config: [\n", "line 2 is not YAML"),
        ("just text", "holds no settings"),
        ("config:\n  pulumi:autonaming: {mode: verbatim}\n", "more than a pattern"),
    ],
)
def test_what_can_not_be_meant_is_one_line(folder, text, said):
    configure(folder, text)
    with pytest.raises(Problem, match=said):
        read_project(folder, "local")


def test_a_missing_file_is_named(folder):
    with pytest.raises(Problem, match=r"Pulumi\.local\.yaml does not exist"):
        read_project(folder, "local")
    with pytest.raises(Problem, match=r"Pulumi\.yaml does not exist"):
        read_project(folder / "nowhere", "local")


def test_a_missing_program_is_named(folder):
    configure(folder, "")
    (folder / "__main__.py").unlink()
    with pytest.raises(Problem, match="there is no program"):
        read_project(folder, "local")
