"""IAM roles and their policies."""

# ruff: noqa: ARG002 - all resource types are called alike

from typing import ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values


class Role(AwsProvider):
    service = "iam"
    regional = False
    tagged = True
    immutable = frozenset({"name", "path"})
    identity = ("name",)
    rename: ClassVar = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    aside = ("forceDetachPolicies", "managedPolicyArns")

    def make(self, inputs: Values) -> tuple[str, Values]:
        inputs = {**inputs, "assumeRolePolicy": text(inputs["assumeRolePolicy"])}
        role = self.client(inputs).create_role(**self.fit("create_role", inputs))["Role"]
        self._attach(role["RoleName"], set(), set(inputs.get("managedPolicyArns") or []))
        return role["RoleName"], self._outputs(role, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client, name, trust = self.client(inputs), known.id, text(inputs["assumeRolePolicy"])
        client.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        client.update_role(
            RoleName=name,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        if boundary := inputs.get("permissionsBoundary"):
            client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        elif known.inputs.get("permissionsBoundary"):
            client.delete_role_permissions_boundary(RoleName=name)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_role(RoleName=name, TagKeys=gone)
        if tags:
            client.tag_role(RoleName=name, Tags=tag_list(tags))
        before, after = (set(each.get("managedPolicyArns") or []) for each in (known.inputs, inputs))
        self._attach(name, before - after, after - before)
        return self._outputs(client.get_role(RoleName=name)["Role"], {**inputs, "assumeRolePolicy": trust})

    def remove(self, known: Known) -> None:
        """A role with policies can not be deleted. Those still there belong to resources that are being replaced
        together with it, or were attached by hand; the latter hinder it unless `forceDetachPolicies` is set."""
        client, name = self.client(known.inputs), known.id
        for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
            client.delete_role_policy(RoleName=name, PolicyName=policy)
        attached = {each["PolicyArn"] for each in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
        ours = set(known.inputs.get("managedPolicyArns") or [])
        self._attach(name, attached if known.inputs.get("forceDetachPolicies") else attached & ours, set())
        client.delete_role(RoleName=name)

    def look_up(self, inputs: Values) -> str | None:
        return self.client(inputs).get_role(RoleName=inputs["name"])["Role"]["RoleName"]

    def _attach(self, name: str, gone: set[str], new: set[str]) -> None:
        for arn in sorted(gone):
            self.client({}).detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in sorted(new):
            self.client({}).attach_role_policy(RoleName=name, PolicyArn=arn)

    def _outputs(self, role: Values, inputs: Values) -> Values:
        return {
            "name": role["RoleName"],
            "arn": role["Arn"],
            "uniqueId": role["RoleId"],
            "createDate": role["CreateDate"].isoformat(),
            "assumeRolePolicy": inputs["assumeRolePolicy"],
            "tagsAll": inputs.get("tags") or {},
        }


class RolePolicy(AwsProvider):
    service = "iam"
    regional = False
    immutable = frozenset({"name", "role"})
    identity = ("role", "name")
    rename: ClassVar = {"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"}

    def make(self, inputs: Values) -> tuple[str, Values]:
        policy = text(inputs["policy"])
        self.client(inputs).put_role_policy(**self.fit("put_role_policy", {**inputs, "policy": policy}))
        return f"{inputs['role']}:{inputs['name']}", {"name": inputs["name"], "policy": policy}

    def change(self, known: Known, inputs: Values) -> Values:
        return self.make(inputs)[1]

    def remove(self, known: Known) -> None:
        role, _, name = known.id.partition(":")
        self.client(known.inputs).delete_role_policy(RoleName=role, PolicyName=name)

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).get_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])
        return f"{found['RoleName']}:{found['PolicyName']}"

    def name_in(self, id: str) -> str:
        return id.partition(":")[2]
