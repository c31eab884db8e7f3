"""The registry by MlflowClient: names, versions, aliases, stages, tags, searches."""

import json
from pathlib import Path

from nbtrail.exceptions import MlflowException

import nbtrail as mlflow

client = mlflow.MlflowClient()
said = []


def refused(call, *arguments):
    try:
        call(*arguments)
    except MlflowException as error:
        return error.error_code
    return None


client.create_registered_model("wine", {"team": "blue"}, "Red")
said.append(refused(client.create_registered_model, "wine"))
said.append(refused(client.get_registered_model, "wime"))
said.append(refused(client.create_registered_model, "a/b"))
for number in range(3):
    source = Path(f"model{number}").absolute()
    source.mkdir()
    (source / "MLmodel").write_text("flavors: {python_function: {loader_module: x}}")
    version = client.create_model_version("wine", str(source), tags={"number": str(number)})
    said.append(str(version.version))
client.set_registered_model_alias("wine", "best", "1")
client.set_registered_model_alias("wine", "best", "2")
said.append(str(client.get_model_version_by_alias("wine", "best").version))
said.append(client.get_model_version("wine", "2").aliases)
client.transition_model_version_stage("wine", "1", "Production")
moved = client.transition_model_version_stage("wine", "2", "production", True)
said.append(moved.current_stage)
said.append(client.get_model_version("wine", "1").current_stage)
latest = client.get_latest_versions("wine")
said.append(sorted((one.current_stage, str(one.version)) for one in latest))
said.append([str(one.version) for one in client.get_latest_versions("wine", ["Production"])])
client.set_model_version_tag("wine", "3", "k", "v")
client.delete_model_version_tag("wine", "3", "number")
said.append(client.get_model_version("wine", "3").tags)
client.update_model_version("wine", "3", "third")
said.append(client.get_model_version("wine", "3").description)
client.set_registered_model_tag("wine", "a", "b")
client.delete_registered_model_tag("wine", "team")
said.append(client.get_registered_model("wine").tags)
found = client.search_model_versions("name = 'wine'", order_by=["version_number ASC"])
said.append([str(one.version) for one in found])
said.append([str(one.version) for one in client.search_model_versions("tags.number = '1'")])
said.append([one.name for one in client.search_registered_models("name LIKE 'w%'")])
client.delete_model_version("wine", "3")
said.append(str(client.create_model_version("wine", str(source)).version))
said.append(refused(client.get_model_version, "wine", "3"))
client.rename_registered_model("wine", "red")
aliases = client.get_registered_model("red").aliases
said.append({alias: str(version) for alias, version in aliases.items()})
said.append(client.get_model_version_download_uri("red", "1") == str(source.parent / "model0"))
client.delete_registered_model_alias("red", "best")
said.append(refused(client.get_model_version_by_alias, "red", "best"))
client.delete_registered_model("red")
said.append(client.search_registered_models())
print(json.dumps(said))
