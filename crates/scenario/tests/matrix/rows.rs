//! What is specific to each operation: the input with which an allowed call succeeds, and what another account's
//! administrator gets for the same call.

use serde_json::{Value, json};

use crate::common::{ALL, SAML_METADATA, SERVER_CERTIFICATE, SERVER_KEY, SIGNING_CERTIFICATES, SSH_KEYS, TRUST, arn};
use crate::scene::Scene;

/// One operation.
pub struct Row {
    pub service: &'static str,
    pub operation: &'static str,
    /// Members of the input that are not required, or not what their name stands for otherwise: member and value.
    pub with: &'static [(&'static str, &'static str)],
    /// What another account's administrator gets: the operation in its own account where that has the things named,
    /// else what one gets for things that do not exist.
    pub elsewhere: &'static str,
}

const fn row(
    service: &'static str,
    operation: &'static str,
    with: &'static [(&'static str, &'static str)],
    elsewhere: &'static str,
) -> Row {
    Row { service, operation, with, elsewhere }
}

/// The call succeeds.
pub const OK: &str = "";
const MISSING: &str = "NoSuchEntity";
const NOT_IN_USE: &str = "AWSOrganizationsNotInUseException";
const FREE: &[(&str, &str)] =
    &[("UserName", "free"), ("GroupName", "free"), ("RoleName", "free"), ("InstanceProfileName", "free")];

/// The role template that there is, for operations that are about one.
const TEMPLATE_ARN: &str = "arn:aws:iam::aws:role-template/example.com/template:1";

/// A password, and another.
pub const PASSWORD: &str = "Passw0rd";
const NEW_PASSWORD: &str = "Passw1rd";

/// The serial number of a hardware token that nobody uses.
const TOKEN: &str = "GAHT00000001";

/// A hardware token to be imported.
fn token(serial_number: &str) -> Value {
    json!({"serialNumber": serial_number, "seed": "3132333435363738393031323334353637383930", "seedEncoding": "hex"})
}

/// What must be there before the call.
pub fn before(operation: &str) -> Option<(&'static str, Value)> {
    match operation {
        "DeleteHardwareMFADevice" => Some(("doorward:ImportHardwareMFADevices", json!({"devices": [token(TOKEN)]}))),
        _ => None,
    }
}

/// Operations that need no permission, and why.
pub const ALWAYS_ALLOWED: &[(&str, &str)] = &[
    ("BeginSecurityKeyAssertion", "it is half of what GetSessionToken with a code is"),
    ("FinishSecurityKeyAssertion", "it is what GetSessionToken with a code is"),
    ("GetCallerIdentity", "STS API Reference: no permissions are required, and an explicit deny changes nothing"),
    ("GetSessionToken", "User Guide, \"Permissions for GetSessionToken\": policies cannot control it"),
];

/// Every operation that is implemented.
pub const ROWS: &[Row] = &[
    row("doorward", "Authorize", &[("principal", "arn:aws:iam::111111111111:user/target")], "AccessDeniedException"),
    row("doorward", "BeginSecurityKeyAssertion", &[], "ResourceNotFoundException"),
    row("doorward", "BeginSecurityKeyRegistration", &[("userName", "target")], "ResourceNotFoundException"),
    row("doorward", "CreateAccount", &[], "AccessDeniedException"),
    row("doorward", "DeleteRoleTemplate", &[], "AccessDeniedException"),
    row("doorward", "DeleteHardwareMFADevice", &[], "ResourceNotFoundException"),
    row("doorward", "FinishSecurityKeyAssertion", &[], "ResourceNotFoundException"),
    row("doorward", "FinishSecurityKeyRegistration", &[("userName", "target")], "ResourceNotFoundException"),
    row("doorward", "GetDecision", &[], "ResourceNotFoundException"),
    row("doorward", "ImportHardwareMFADevices", &[], OK),
    row("doorward", "ListHardwareMFADevices", &[], OK),
    row("doorward", "ListAccountQuotas", &[], "AccessDeniedException"),
    row("doorward", "ListAccounts", &[], OK),
    row("doorward", "ListEvents", &[], OK),
    row("doorward", "ListRoleTemplates", &[], OK),
    row("doorward", "PutRoleTemplateVersion", &[], "AccessDeniedException"),
    row("doorward", "UpdateRoleTemplate", &[], "AccessDeniedException"),
    row("iam", "AcceptDelegationRequest", &[], MISSING),
    row("doorward", "PutAccountQuota", &[], "AccessDeniedException"),
    row("iam", "AcquireRole", &[], OK),
    row("iam", "AddClientIDToOpenIDConnectProvider", &[], MISSING),
    row("iam", "AddRoleToInstanceProfile", &[("InstanceProfileName", "free")], MISSING),
    row("iam", "AddUserToGroup", &[("GroupName", "free")], MISSING),
    row("iam", "AssociateDelegationRequest", &[], MISSING),
    row("iam", "AttachGroupPolicy", FREE, MISSING),
    row("iam", "AttachRolePolicy", FREE, MISSING),
    row("iam", "AttachUserPolicy", FREE, MISSING),
    row("iam", "CreateAccessKey", &[("UserName", "target")], MISSING),
    row("iam", "ChangePassword", &[], MISSING),
    // Aliases are unique among all accounts.
    row("iam", "CreateAccountAlias", &[("AccountAlias", "new-alias")], "EntityAlreadyExists"),
    row("iam", "CreateGroup", &[("GroupName", "new")], OK),
    row("iam", "CreateInstanceProfile", &[("InstanceProfileName", "new")], OK),
    row("iam", "CreateLoginProfile", &[("UserName", "free"), ("Password", PASSWORD)], MISSING),
    row("iam", "CreateOpenIDConnectProvider", &[], OK),
    row("iam", "CreatePolicy", &[("PolicyName", "new")], OK),
    row("iam", "CreatePolicyVersion", &[], MISSING),
    row("iam", "CreateRole", &[("RoleName", "new")], OK),
    row("iam", "CreateSAMLProvider", &[], OK),
    row("iam", "CreateServiceLinkedRole", &[], OK),
    row("iam", "CreateServiceSpecificCredential", &[], MISSING),
    row("iam", "CreateUser", &[("UserName", "new")], OK),
    row("iam", "CreateVirtualMFADevice", &[], OK),
    row("iam", "DeactivateMFADevice", &[("UserName", "target")], MISSING),
    row("iam", "DeleteAccessKey", &[("UserName", "target")], MISSING),
    row("iam", "DeleteAccountAlias", &[], MISSING),
    row("iam", "DeleteAccountPasswordPolicy", &[], MISSING),
    row("iam", "DeleteGroup", FREE, MISSING),
    row("iam", "DeleteGroupPolicy", &[], MISSING),
    row("iam", "DeleteInstanceProfile", FREE, MISSING),
    row("iam", "DeleteLoginProfile", &[("UserName", "target")], MISSING),
    row("iam", "DeleteOpenIDConnectProvider", &[], MISSING),
    row("iam", "DeletePolicy", &[("PolicyArn", "arn:aws:iam::111111111111:policy/free")], MISSING),
    row("iam", "DeletePolicyVersion", &[], MISSING),
    row("iam", "DeleteRole", FREE, MISSING),
    row("iam", "DeleteRolePermissionsBoundary", &[], MISSING),
    row("iam", "DeleteRolePolicy", &[], MISSING),
    row("iam", "DeleteSAMLProvider", &[], MISSING),
    row("iam", "DeleteSSHPublicKey", &[], MISSING),
    row("iam", "DeleteServerCertificate", &[], MISSING),
    row("iam", "DeleteServiceLinkedRole", &[("RoleName", "AWSServiceRoleForAutoScaling")], MISSING),
    row("iam", "DeleteServiceSpecificCredential", &[("UserName", "target")], MISSING),
    row("iam", "DeleteSigningCertificate", &[("UserName", "target")], MISSING),
    row("iam", "DeleteUser", FREE, MISSING),
    row("iam", "CreateDelegationRequest", &[("OwnerAccountId", "111111111111")], "InvalidInput"),
    row("iam", "DeleteUserPermissionsBoundary", &[], MISSING),
    row("iam", "DeleteUserPolicy", &[], MISSING),
    row("iam", "DeleteVirtualMFADevice", &[], MISSING),
    row("iam", "DetachGroupPolicy", &[], MISSING),
    row("iam", "DetachRolePolicy", &[], MISSING),
    row("iam", "DetachUserPolicy", &[], MISSING),
    row("iam", "DisableOutboundWebIdentityFederation", &[], "FeatureDisabled"),
    row("iam", "EnableMFADevice", &[], MISSING),
    row("iam", "EnableOutboundWebIdentityFederation", &[], OK),
    row("iam", "GenerateCredentialReport", &[], OK),
    row("iam", "GenerateServiceLastAccessedDetails", &[], MISSING),
    row("iam", "GetAccessKeyLastUsed", &[], MISSING),
    row("iam", "GetAccountAuthorizationDetails", &[], OK),
    row("iam", "GetAccountPasswordPolicy", &[], MISSING),
    row("iam", "GetAccountProperties", &[], OK),
    row("iam", "GetAccountSummary", &[], OK),
    row("iam", "GetRoleTemplateVersion", &[], OK),
    row("iam", "PutAccountProperties", &[], OK),
    row("iam", "GetContextKeysForCustomPolicy", &[], OK),
    row("iam", "GetContextKeysForPrincipalPolicy", &[], "InvalidInput"),
    row("iam", "GetDelegationRequest", &[], MISSING),
    row("iam", "GetCredentialReport", &[], "ReportNotPresent"),
    row("iam", "GetGroup", &[], MISSING),
    row("iam", "GetGroupPolicy", &[], MISSING),
    row("iam", "GetHumanReadableSummary", &[], "InvalidInput"),
    row("iam", "GetInstanceProfile", &[], MISSING),
    row("iam", "GetLoginProfile", &[("UserName", "target")], MISSING),
    row("iam", "GetMFADevice", &[("UserName", "target")], MISSING),
    row("iam", "GetOpenIDConnectProvider", &[], MISSING),
    row("iam", "GetOutboundWebIdentityFederationInfo", &[], "FeatureDisabled"),
    row("iam", "GetPolicy", &[], MISSING),
    row("iam", "GetPolicyVersion", &[], MISSING),
    row("iam", "GetRole", &[], MISSING),
    row("iam", "GetRolePolicy", &[], MISSING),
    row("iam", "GetSAMLProvider", &[], MISSING),
    row("iam", "GetSSHPublicKey", &[], MISSING),
    row("iam", "GetServerCertificate", &[], MISSING),
    row("iam", "GetServiceLastAccessedDetails", &[], MISSING),
    row("iam", "GetServiceLastAccessedDetailsWithEntities", &[], MISSING),
    row("iam", "GetServiceLinkedRoleDeletionStatus", &[], MISSING),
    row("iam", "GetUser", &[("UserName", "target")], MISSING),
    row("iam", "GetUserPolicy", &[], MISSING),
    row("iam", "ListAccessKeys", &[("UserName", "target")], MISSING),
    row("iam", "ListAccountAliases", &[], OK),
    row("iam", "ListAttachedGroupPolicies", &[], MISSING),
    row("iam", "ListAttachedRolePolicies", &[], MISSING),
    row("iam", "ListAttachedUserPolicies", &[], MISSING),
    row("iam", "ListEntitiesForPolicy", &[], MISSING),
    row("iam", "ListGroupPolicies", &[], MISSING),
    row("iam", "ListGroups", &[], OK),
    row("iam", "ListGroupsForUser", &[], MISSING),
    row("iam", "ListInstanceProfileTags", &[], MISSING),
    row("iam", "ListInstanceProfiles", &[], OK),
    row("iam", "ListInstanceProfilesForRole", &[], MISSING),
    row("iam", "ListMFADeviceTags", &[], MISSING),
    row("iam", "ListMFADevices", &[("UserName", "target")], MISSING),
    row("iam", "ListOpenIDConnectProviderTags", &[], MISSING),
    row("iam", "ListOpenIDConnectProviders", &[], OK),
    row("iam", "ListPolicies", &[], OK),
    row("iam", "ListPoliciesGrantingServiceAccess", &[], MISSING),
    row("iam", "ListPolicyTags", &[], MISSING),
    row("iam", "ListPolicyVersions", &[], MISSING),
    row("iam", "ListRolePolicies", &[], MISSING),
    row("iam", "ListRoleTags", &[], MISSING),
    row("iam", "ListRoles", &[], OK),
    row("iam", "ListSAMLProviderTags", &[], MISSING),
    row("iam", "ListSAMLProviders", &[], OK),
    row("iam", "ListSSHPublicKeys", &[("UserName", "target")], MISSING),
    row("iam", "ListServerCertificateTags", &[], MISSING),
    row("iam", "ListServerCertificates", &[], OK),
    row("iam", "ListServiceSpecificCredentials", &[("UserName", "target")], MISSING),
    row("iam", "ListSigningCertificates", &[("UserName", "target")], MISSING),
    row("iam", "ListUserPolicies", &[], MISSING),
    row("iam", "ListUserTags", &[], MISSING),
    row("iam", "ListUsers", &[], OK),
    row("iam", "ListVirtualMFADevices", &[], OK),
    row("iam", "PutGroupPolicy", &[], MISSING),
    row("iam", "PutRolePermissionsBoundary", &[], MISSING),
    row("iam", "PutRolePolicy", &[], MISSING),
    row("iam", "PutUserPermissionsBoundary", &[], MISSING),
    row("iam", "PutUserPolicy", &[], MISSING),
    row("iam", "RemoveClientIDFromOpenIDConnectProvider", &[], MISSING),
    row("iam", "RemoveRoleFromInstanceProfile", &[], MISSING),
    row("iam", "RemoveUserFromGroup", &[], MISSING),
    row("iam", "ResetServiceSpecificCredential", &[("UserName", "target")], MISSING),
    row("iam", "ResyncMFADevice", &[], MISSING),
    row("iam", "SetDefaultPolicyVersion", &[], MISSING),
    row("iam", "SimulateCustomPolicy", &[], OK),
    row("iam", "SimulatePrincipalPolicy", &[], "InvalidInput"),
    row("iam", "ListDelegationRequests", &[], OK),
    row("iam", "RejectDelegationRequest", &[], MISSING),
    row("iam", "SendDelegationToken", &[], MISSING),
    row("iam", "SetSecurityTokenServicePreferences", &[], OK),
    row("iam", "UpdateDelegationRequest", &[], MISSING),
    row("iam", "TagInstanceProfile", &[], MISSING),
    row("iam", "TagMFADevice", &[], MISSING),
    row("iam", "TagOpenIDConnectProvider", &[], MISSING),
    row("iam", "TagPolicy", &[], MISSING),
    row("iam", "TagRole", &[], MISSING),
    row("iam", "TagSAMLProvider", &[], MISSING),
    row("iam", "TagServerCertificate", &[], MISSING),
    row("iam", "TagUser", &[], MISSING),
    row("iam", "UntagInstanceProfile", &[], MISSING),
    row("iam", "UntagMFADevice", &[], MISSING),
    row("iam", "UntagOpenIDConnectProvider", &[], MISSING),
    row("iam", "UntagPolicy", &[], MISSING),
    row("iam", "UntagRole", &[], MISSING),
    row("iam", "UntagSAMLProvider", &[], MISSING),
    row("iam", "UntagServerCertificate", &[], MISSING),
    row("iam", "UntagUser", &[], MISSING),
    row("iam", "UpdateAccessKey", &[("UserName", "target")], MISSING),
    row("iam", "UpdateAccountPasswordPolicy", &[], OK),
    row("iam", "UpdateAssumeRolePolicy", &[], MISSING),
    row("iam", "UpdateGroup", &[("NewGroupName", "new")], MISSING),
    row("iam", "UpdateLoginProfile", &[("Password", NEW_PASSWORD)], MISSING),
    row("iam", "UpdateOpenIDConnectProviderThumbprint", &[], MISSING),
    row("iam", "UpdateRole", &[("Description", "new")], MISSING),
    row("iam", "UpdateRoleDescription", &[], MISSING),
    row("iam", "UpdateSAMLProvider", &[("AssertionEncryptionMode", "Allowed")], MISSING),
    row("iam", "UpdateSSHPublicKey", &[], MISSING),
    row("iam", "UpdateServerCertificate", &[("NewPath", "/new/")], MISSING),
    row("iam", "UpdateServiceSpecificCredential", &[("UserName", "target")], MISSING),
    row("iam", "UpdateSigningCertificate", &[("UserName", "target")], MISSING),
    row("iam", "UpdateUser", &[("NewUserName", "new")], MISSING),
    row("iam", "UploadSSHPublicKey", &[], MISSING),
    row("iam", "UploadServerCertificate", &[("ServerCertificateName", "new")], OK),
    row("iam", "UploadSigningCertificate", &[("UserName", "target")], MISSING),
    row("organizations", "AttachPolicy", &[], NOT_IN_USE),
    row("organizations", "CreateAccount", &[], NOT_IN_USE),
    row("organizations", "CreateOrganization", &[], OK),
    row("organizations", "CreateOrganizationalUnit", &[], NOT_IN_USE),
    row("organizations", "CreatePolicy", &[], NOT_IN_USE),
    row("organizations", "DeleteOrganization", &[], NOT_IN_USE),
    row("organizations", "DeleteOrganizationalUnit", &[], NOT_IN_USE),
    row("organizations", "DeletePolicy", &[], NOT_IN_USE),
    row("organizations", "DescribeAccount", &[], NOT_IN_USE),
    row("organizations", "DescribeCreateAccountStatus", &[], NOT_IN_USE),
    row("organizations", "DescribeOrganization", &[], NOT_IN_USE),
    row("organizations", "DescribeOrganizationalUnit", &[], NOT_IN_USE),
    row("organizations", "DescribePolicy", &[], NOT_IN_USE),
    row("organizations", "DetachPolicy", &[], NOT_IN_USE),
    row("organizations", "DisablePolicyType", &[], NOT_IN_USE),
    row("organizations", "EnablePolicyType", &[], NOT_IN_USE),
    row("organizations", "LeaveOrganization", &[], NOT_IN_USE),
    row("organizations", "ListAccounts", &[], NOT_IN_USE),
    row("organizations", "ListAccountsForParent", &[], NOT_IN_USE),
    row("organizations", "ListChildren", &[], NOT_IN_USE),
    row("organizations", "ListCreateAccountStatus", &[], NOT_IN_USE),
    row("organizations", "ListOrganizationalUnitsForParent", &[], NOT_IN_USE),
    row("organizations", "ListParents", &[], NOT_IN_USE),
    row("organizations", "ListPolicies", &[], NOT_IN_USE),
    row("organizations", "ListPoliciesForTarget", &[], NOT_IN_USE),
    row("organizations", "ListRoots", &[], NOT_IN_USE),
    row("organizations", "ListTagsForResource", &[], NOT_IN_USE),
    row("organizations", "ListTargetsForPolicy", &[], NOT_IN_USE),
    row("organizations", "MoveAccount", &[], NOT_IN_USE),
    row("organizations", "TagResource", &[], NOT_IN_USE),
    row("organizations", "UntagResource", &[], NOT_IN_USE),
    row("organizations", "UpdateOrganizationalUnit", &[], NOT_IN_USE),
    row("organizations", "UpdatePolicy", &[], NOT_IN_USE),
    row("sts", "AssumeRole", &[], "AccessDenied"),
    row("sts", "AssumeRoleWithWebIdentity", &[], "InvalidIdentityToken"),
    row("sts", "DecodeAuthorizationMessage", &[], "InvalidAuthorizationMessageException"),
    row("sts", "GetAccessKeyInfo", &[], OK),
    row("sts", "GetCallerIdentity", &[], OK),
    row("sts", "GetFederationToken", &[], OK),
    row("sts", "GetDelegatedAccessToken", &[], "AccessDenied"),
    row("sts", "GetSessionToken", &[], OK),
    row("sts", "GetWebIdentityToken", &[], "OutboundWebIdentityFederationDisabledException"),
];

/// What a required member of Organizations is given, by its name, where it is not what it is elsewhere.
fn of_organizations(operation: &str, member: &str, scene: &Scene) -> Option<Value> {
    Some(match member {
        "ChildId" | "OrganizationalUnitId" | "TargetId" | "DestinationParentId" => scene.named["unit"].clone(),
        "ParentId" | "SourceParentId" | "RootId" => scene.named["root"].clone(),
        "ChildType" => json!("ACCOUNT"),
        "Email" => json!("another@example.com"),
        "CreateAccountRequestId" => scene.named["creation"].clone(),
        "AccountId" | "ResourceId" if scene.named.contains_key("member") => scene.named["member"].clone(),
        "Content" => json!(ALL),
        "PolicyType" if operation == "EnablePolicyType" => json!("RESOURCE_CONTROL_POLICY"),
        "Type" | "Filter" | "PolicyType" => json!("SERVICE_CONTROL_POLICY"),
        "PolicyId" => scene.named["organization-policy"].clone(),
        _ => return None,
    })
}

/// What a required member that few operations have is given: those on MFA devices, and the policy simulator.
fn rare_value(operation: &str, member: &str, scene: &Scene) -> Option<Value> {
    Some(match member {
        "SerialNumber" if matches!(operation, "EnableMFADevice" | "DeleteVirtualMFADevice") => {
            json!("arn:aws:iam::111111111111:mfa/free")
        }
        "SerialNumber" if operation == "DeleteHardwareMFADevice" => json!(TOKEN),
        "SerialNumber" => json!("arn:aws:iam::111111111111:mfa/assigned"),
        "Devices" => json!([token("GAHT00000002")]),
        "AuthenticationCode1" => json!(scene.code(operation, 1)),
        "AuthenticationCode2" => json!(scene.code(operation, 2)),
        "RegistrationId" | "AssertionId" => scene.named["ceremony"].clone(),
        "Credential" => scene.named["credential"].clone(),
        "PolicyInputList" => json!([ALL]),
        "PolicySourceArn" => json!("arn:aws:iam::111111111111:user/target"),
        "ActionNames" => json!(["s3:GetObject"]),
        _ => return None,
    })
}

/// What a required member is given, by its name. None for a name that is not known here yet.
pub fn value(operation: &str, member: &str, scene: &Scene) -> Option<Value> {
    let rare = of_organizations(operation, member, scene).or_else(|| rare_value(operation, member, scene));
    if rare.is_some() {
        return rare;
    }
    Some(match member {
        "TemplateArn" => json!(TEMPLATE_ARN),
        "ServiceName" if operation == "PutRoleTemplateVersion" => json!("example.com"),
        "TemplateName" => json!("template"),
        "MajorVersion" => json!(1),
        "RoleNamePattern" => json!("from-template"),
        "AssumeRolePolicyDocumentTemplate" => serde_json::from_str(TRUST).ok()?,
        "Properties" => json!({"RoleManager/Enabled": "true"}),
        "WebIdentityToken" => json!("garbage"),
        "Audience" => json!(["app"]),
        "Permissions" => json!({"PolicyTemplateArn": "arn:aws:iam::111111111111:policy/policy"}),
        "RequestorWorkflowId" => json!("another"),
        "NotificationChannel" => json!("arn:aws:sns:us-east-1:111111111111:topic"),
        "SessionDuration" => json!(900),
        "GlobalEndpointTokenVersion" => json!("v2Token"),
        "SigningAlgorithm" => json!("ES384"),
        "AccountId" => json!("111111111111"),
        "QuotaName" => json!("RolesPerAccount"),
        "Value" => json!(900),
        "OldPassword" => json!(PASSWORD),
        "NewPassword" => json!(NEW_PASSWORD),
        "VirtualMFADeviceName" => json!("new"),
        "UserName" => json!("target"),
        "GroupName" => json!("group"),
        "RoleName" => json!("role"),
        "InstanceProfileName" => json!("profile"),
        "PolicyName" => json!("inline"),
        "PolicyArn" => json!("arn:aws:iam::111111111111:policy/policy"),
        "PermissionsBoundary" => json!("arn:aws:iam::111111111111:policy/boundary"),
        "PolicyDocument" if operation == "UpdateAssumeRolePolicy" => json!(TRUST),
        "PolicyDocument" => json!(ALL),
        "AssumeRolePolicyDocument" => json!(TRUST),
        "VersionId" => json!("v2"),
        "Tags" => json!([{"Key": "colour", "Value": "red"}]),
        "TagKeys" => json!(["colour"]),
        "Url" => json!("https://new.example.com"),
        "OpenIDConnectProviderArn" => json!("arn:aws:iam::111111111111:oidc-provider/issuer.example.com/a"),
        "ClientID" => json!("client"),
        "ThumbprintList" => json!(["0123456789012345678901234567890123456789"]),
        "Name" => json!("new"),
        "SAMLProviderArn" => json!("arn:aws:iam::111111111111:saml-provider/provider"),
        "SAMLMetadataDocument" => json!(SAML_METADATA),
        "Description" => json!("described"),
        "Status" => json!("Inactive"),
        "SSHPublicKeyBody" => json!(SSH_KEYS[1]),
        "Encoding" => json!("SSH"),
        "CertificateBody" if operation == "UploadServerCertificate" => json!(SERVER_CERTIFICATE),
        "CertificateBody" => json!(SIGNING_CERTIFICATES[1]),
        "ServerCertificateName" => json!("certificate"),
        "PrivateKey" => json!(SERVER_KEY),
        "ServiceName" => json!("codecommit.amazonaws.com"),
        "AWSServiceName" => json!("ecs.amazonaws.com"),
        "Arn" => json!("arn:aws:iam::111111111111:user/target"),
        "ServiceNamespaces" => json!(["iam"]),
        "ServiceNamespace" => json!("iam"),
        "AccountAlias" => json!("alias"),
        "RoleArn" => json!("arn:aws:iam::111111111111:role/role"),
        "RoleSessionName" => json!("session"),
        "AccountName" => json!("another"),
        "Action" => json!("s3:GetObject"),
        "Resource" => json!("arn:aws:s3:::bucket/key"),
        _ => return made(member, scene),
    })
}

/// The same where it is the id of something that the scene has made.
fn made(member: &str, scene: &Scene) -> Option<Value> {
    Some(match member {
        "DelegationRequestId" | "TradeInToken" => json!(scene.delegation),
        "EntityArn" => json!(arn(&format!("delegation-request/{}", scene.delegation))),
        "AccessKeyId" => scene.named["access-key"].clone(),
        "SSHPublicKeyId" => scene.named["ssh-key"].clone(),
        "CertificateId" => scene.named["signing-certificate"].clone(),
        "ServiceSpecificCredentialId" => scene.named["service-credential"].clone(),
        "DeletionTaskId" => scene.named["deletion-task"].clone(),
        "JobId" => json!(scene.job),
        "DecisionId" => json!(scene.decision),
        "EncodedMessage" => json!(scene.message),
        _ => return None,
    })
}
