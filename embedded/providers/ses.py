"""SES identities: addresses and domains that may send."""

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.contract import Known, Values


class EmailIdentity(AwsProvider):
    """On AWS somebody must confirm it; here it is taken as confirmed."""

    service = "sesv2"
    named = ""
    tagged = True
    immutable = frozenset({"emailIdentity"})
    identity = ("emailIdentity",)

    def make(self, inputs: Values) -> tuple[str, Values]:
        self.client(inputs).create_email_identity(**self.fit("create_email_identity", inputs))
        return inputs["emailIdentity"], self._outputs(inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        outputs = self._outputs(inputs)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            self.client(inputs).untag_resource(ResourceArn=outputs["arn"], TagKeys=gone)
        if tags:
            self.client(inputs).tag_resource(ResourceArn=outputs["arn"], Tags=tag_list(tags))
        return outputs

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_email_identity(EmailIdentity=known.id)

    def look_up(self, inputs: Values) -> str | None:
        self.client(inputs).get_email_identity(EmailIdentity=inputs["emailIdentity"])
        return inputs["emailIdentity"]

    def _outputs(self, inputs: Values) -> Values:
        found = self.client(inputs).get_email_identity(EmailIdentity=inputs["emailIdentity"])
        return {
            "arn": self.cloud.arn("ses", f"identity/{inputs['emailIdentity']}", self.region_of(inputs)),
            "identityType": found["IdentityType"],
            "verifiedForSendingStatus": found["VerifiedForSendingStatus"],
            "tagsAll": inputs.get("tags") or {},
        }
