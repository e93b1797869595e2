"""C of a table: its columns, their missing cells, and what is proved of each."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import lipbuild
from lipbuild.exporting.c_code.compilers import compiled_here
from lipbuild.exporting.formats import FORMATS
from tests.exporting.c_code.programs import needs_compiler

ROWS = """height,kind,width,label
1.0,a,2.0,u
2.0,b,1.0,v
,a,3.0,u
1.5,b,0.5,v
0.5,a,2.5,u
2.5,b,1.5,v
"""


@needs_compiler
def test_a_table_is_filled_and_its_columns_are_proved_again(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS + ROWS.partition("\n")[2] * 4)
    source = {
        "path": str(tmp_path / "t.csv"),
        "target": "label",
        "categories": {"kind": ["a", "b"]},
        "fill": {"height": "median"},
        "indicator": True,
    }
    layers = [{"SpectralDense": {"units": 8}}, "GroupSort2", {"SpectralDense": {"units": 2}}]
    config = {
        "name": "table",
        "seed": 0,
        "model": {"layers": layers},
        "data": {"source": {"csv": source}, "preprocess": [{"Normalization": {"least_std": 0.1}}]},
        "train": {"loss": {"TauCategoricalCrossentropy": {"tau": 10}}, "epochs": 1},
        "certify": {"tolerance": {"height": 0.05, "width": 0.1}},
    }
    run = lipbuild.train(config, tmp_path, quiet=True)
    [exported] = lipbuild.export(run.folder.path, ["c"], tmp_path / "code")
    said = FORMATS["c"].metadata(exported.path)
    assert [one["column"] for one in said["slopes"]][:1] == ["height"]
    assert said["tolerance"]["columns"] == {"height": 0.05, "width": 0.1}
    verdict = lipbuild.verify(exported.path)
    assert verdict.holds
    assert {
        "how far the outputs move with one column",
        "how far the outputs move within the tolerances",
    } <= set(verdict.checked)
    # A gap gets the label and nearly the radius that it has elsewhere.
    (tmp_path / "gap.csv").write_text("height,kind,width\n,a,2.0\n1.2,b,0.7\n")
    expected = lipbuild.predict(run.folder.path, tmp_path / "gap.csv").rows
    compiled = compiled_here(exported.path)
    assert compiled is not None
    names = [column["name"] for column in said["input"]["columns"]]
    assert names == ["height", "height_missing", "kind", "kind", "width"]
    given = np.array([[np.nan, 0, 1, 0, 2.0], [1.2, 0, 0, 1, 0.7]], np.float32)
    found = compiled(compiled(given).outputs["filled"]).outputs
    assert [said["classes"][label] for label in found["label"]] == [row["class"] for row in expected]
    assert np.allclose(found["radius"], [row["radius"] for row in expected], rtol=1e-2)
    assert (found["within_tolerance"] <= [row["within_tolerance"] for row in expected]).all()
    assert "within_tolerance" in said["outputs"]
    # What a class is proved to stay by is proved again.
    code = exported.path / "table.c"
    text = code.read_text()
    forged = re.sub(r"(pairs\[4\] = \{\s*0x0p\+0F, )[^,]+", r"\g<1>0x1p-99F", text)
    assert forged != text
    code.write_text(forged)
    assert "to stay within the tolerances" in str(lipbuild.verify(exported.path).failures)
    code.write_text(text)
    # What is preprocessed already has no cells, and says nothing of columns.
    [prepared] = lipbuild.export(run.folder.path, ["c"], tmp_path / "prepared", preprocess=False)
    said = FORMATS["c"].metadata(prepared.path)
    assert not said["fills"]
    assert "slopes" not in said
    assert lipbuild.verify(prepared.path).holds
