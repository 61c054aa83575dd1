"""OpenID Connect and SAML providers: every operation through boto3."""

import datetime
import json
import re
from pathlib import Path

import pytest
from doorward import fails, trust

COMMON = Path(__file__).parents[3] / "crates/scenario/tests/common"
METADATA = (COMMON / "saml-metadata.xml").read_text()
PRIVATE_KEY = (COMMON / "saml-key.pem").read_text()


def test_life_of_an_oidc_provider(server, iam):
    arn = server.arn("oidc-provider/issuer.example.com/Life")
    made = iam.create_open_id_connect_provider(
        Url="https://issuer.example.com/Life",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["A" * 40],
        Tags=[{"Key": "a", "Value": "1"}],
    )
    assert (made["OpenIDConnectProviderArn"], made["Tags"]) == (arn, [{"Key": "a", "Value": "1"}])
    with fails("EntityAlreadyExists", 409, "Provider with url https://issuer.example.com/Life already exists."):
        iam.create_open_id_connect_provider(Url="https://issuer.example.com/Life")
    which = {"OpenIDConnectProviderArn": arn}
    iam.add_client_id_to_open_id_connect_provider(**which, ClientID="app")
    iam.remove_client_id_from_open_id_connect_provider(**which, ClientID="sts.amazonaws.com")
    iam.update_open_id_connect_provider_thumbprint(**which, ThumbprintList=["b" * 40, "c" * 40])
    iam.tag_open_id_connect_provider(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_open_id_connect_provider(**which, TagKeys=["a"])
    got = iam.get_open_id_connect_provider(**which)
    assert got["Url"] == "issuer.example.com/Life"
    assert (got["ClientIDList"], got["ThumbprintList"]) == (["app"], ["b" * 40, "c" * 40])
    assert got["Tags"] == iam.list_open_id_connect_provider_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert isinstance(got["CreateDate"], datetime.datetime)
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(**which)
    with fails("NoSuchEntity", 404, f"OpenIDConnect Provider not found for arn {arn}"):
        iam.get_open_id_connect_provider(**which)
    with fails("NoSuchEntity", 404, f"OpenId connect Provider {arn} cannot be found."):
        iam.delete_open_id_connect_provider(**which)


def test_an_oidc_provider_without_thumbprints(server, iam):
    made = iam.create_open_id_connect_provider(Url="https://bare.example.com")
    assert "Tags" not in made
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"])
    assert (got["ClientIDList"], got["ThumbprintList"], got["Tags"]) == ([], [], [])


def test_pages_of_an_oidc_providers_tags(iam):
    tags = [{"Key": f"k{number:02}", "Value": f"v{number}"} for number in range(10)]
    arn = iam.create_open_id_connect_provider(Url="https://paged.example.com", Tags=tags)["OpenIDConnectProviderArn"]
    paginator = iam.get_paginator("list_open_id_connect_provider_tags")
    pages = list(paginator.paginate(OpenIDConnectProviderArn=arn, PaginationConfig={"PageSize": 4}))
    assert [len(page["Tags"]) for page in pages] == [4, 4, 2]
    assert [tag for page in pages for tag in page["Tags"]] == tags


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("example.org", "ValidationError", "Invalid Open ID Connect Provider URL"),
        (
            "http://example.org",
            "InvalidInput",
            "Invalid Open ID Connect Provider URL. The URL must begin with https://.",
        ),
        ("https://example.org:8443", "InvalidInput", "Invalid Open ID Connect Provider URL."),
        ("https://example.org?a=1", "InvalidInput", "Invalid Open ID Connect Provider URL."),
    ],
)
def test_what_is_no_issuer(iam, url, code, message):
    with fails(code, 400, message):
        iam.create_open_id_connect_provider(Url=url)


def test_life_of_a_saml_provider(server, iam):
    arn = server.arn("saml-provider/Life")
    made = iam.create_saml_provider(
        Name="Life", SAMLMetadataDocument=METADATA, Tags=[{"Key": "a", "Value": "1"}], AddPrivateKey=PRIVATE_KEY
    )
    assert (made["SAMLProviderArn"], made["Tags"]) == (arn, [{"Key": "a", "Value": "1"}])
    with fails("EntityAlreadyExists", 409, "Provider with name Life already exists."):
        iam.create_saml_provider(Name="Life", SAMLMetadataDocument=METADATA)
    which = {"SAMLProviderArn": arn}
    got = iam.get_saml_provider(**which)
    assert got["SAMLMetadataDocument"] == METADATA
    assert (got["AssertionEncryptionMode"], got["Tags"]) == ("Allowed", [{"Key": "a", "Value": "1"}])
    assert re.fullmatch(r"[A-Z0-9]{22,64}", got["SAMLProviderUUID"])
    (key,) = got["PrivateKeyList"]
    assert re.fullmatch(r"[A-Z0-9]{22,64}", key["KeyId"])
    assert PRIVATE_KEY.splitlines()[1] not in json.dumps(got, default=str)

    metadata = METADATA.replace("entityID=", 'validUntil="2090-01-01T00:00:00Z" entityID=')
    updated = iam.update_saml_provider(
        **which, SAMLMetadataDocument=metadata, AssertionEncryptionMode="Required", RemovePrivateKey=key["KeyId"]
    )
    assert updated["SAMLProviderArn"] == arn
    iam.tag_saml_provider(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_saml_provider(**which, TagKeys=["a"])
    got = iam.get_saml_provider(**which)
    assert (got["AssertionEncryptionMode"], got["PrivateKeyList"]) == ("Required", [])
    assert got["ValidUntil"] == datetime.datetime(2090, 1, 1, tzinfo=datetime.timezone.utc)
    assert got["Tags"] == iam.list_saml_provider_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    (listed,) = [entry for entry in iam.list_saml_providers()["SAMLProviderList"] if entry["Arn"] == arn]
    assert (listed["ValidUntil"], listed["CreateDate"]) == (got["ValidUntil"], got["CreateDate"])
    iam.delete_saml_provider(**which)
    for call in (iam.get_saml_provider, iam.delete_saml_provider):
        with fails("NoSuchEntity", 404, f"Manifest not found for arn {arn}"):
            call(**which)


def test_metadata_must_be_an_identity_providers(iam):
    with fails("InvalidInput", 400, re.compile("Could not parse metadata.*")):
        iam.create_saml_provider(Name="Bad", SAMLMetadataDocument="x" * 1_000)


def test_a_role_may_trust_a_provider(server, iam):
    arn = iam.create_open_id_connect_provider(Url="https://trusted.example.com")["OpenIDConnectProviderArn"]
    document = trust(
        {"Federated": arn}, "sts:AssumeRoleWithWebIdentity", StringEquals={"trusted.example.com:sub": "job"}
    )
    iam.create_role(RoleName="Federated", AssumeRolePolicyDocument=document)
    assert iam.get_role(RoleName="Federated")["Role"]["AssumeRolePolicyDocument"] == json.loads(document)
