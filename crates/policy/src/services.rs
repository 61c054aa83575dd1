//! Service principals: the names under which AWS's services act (User Guide, "AWS service principals").

#[cfg(test)]
mod tests;

/// What stands before the region and the domain in a service principal's name. Sorted.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "access-analyzer", "access-grants.s3", "account", "accountdiscovery.ssm", "acm", "acm-pca", "agentless.inspector2",
    "aiops", "airflow", "airflow-serverless", "amplify", "amplifybackend", "aoss", "apidestinations.events",
    "apigateway", "appconfig", "appfabric", "appflow", "application-autoscaling", "application-insights",
    "application-signals.cloudwatch", "application-transformation", "appmesh", "apprunner", "appstream",
    "appstream.application-autoscaling", "appsync", "aps", "arc-zonal-shift", "artifact", "assets.marketplace",
    "athena", "auditmanager", "autoscaling", "autoscaling-plans", "aws-artifact-account-sync", "aws-connect",
    "aws-external-anthropic", "backup", "backup-gateway", "backupstorage", "batch", "batchoperations.s3",
    "bcm-data-exports", "bedrock", "bedrock-agentcore", "bedrock-mantle", "billing", "billingconductor", "braket",
    "budgets", "bugbust", "build.apprunner", "cassandra", "cassandra-streams", "cassandra.application-autoscaling",
    "ce", "channels.lex", "channels.lexv2", "chatbot", "chime", "cks.kms", "cleanrooms", "cleanrooms-ml", "cloud9",
    "clouddirectory", "cloudformation", "cloudfront", "cloudhsm", "cloudsearch", "cloudtrail", "cloudwatch",
    "cloudwatch-crossaccount", "cloudwebsocket", "codeartifact", "codebuild", "codecatalyst", "codecatalyst-runner",
    "codecommit", "codedeploy", "codeguru-profiler", "codeguru-reviewer", "codeguru-security", "codepipeline",
    "codestar", "codestar-connections", "codestar-notifications", "codewhisperer", "cognito-identity", "cognito-idp",
    "cognito-sync", "comprehend", "comprehend.application-autoscaling", "compute-optimizer", "config",
    "config-conforms", "config-multiaccountsetup", "connect", "connect-campaigns", "context.cloudtrail",
    "continuousexport.discovery", "contract.iq", "contributorinsights.dynamodb", "controltower",
    "cost-optimization-hub", "cost-optimization-hub.bcm", "credentials.iot", "cur",
    "custom-resource.application-autoscaling", "custom.rds", "custom.rds-preview", "databrew", "dataexchange",
    "datapipeline", "datasync", "datazone", "dax", "deadline", "delivery.logs", "detective", "devicefarm",
    "devops-guru", "diagnostic-tools", "directconnect", "directquery.opensearchservice", "discovery", "dlm", "dms",
    "dms-fleet-advisor", "dmsintegration.migrationhub", "docdb-elastic", "drs", "ds", "dsql", "dynamodb",
    "dynamodb.application-autoscaling", "ebs.csi.eks", "ec2", "ec2-images", "ec2-instance-connect",
    "ec2.application-autoscaling", "ec2.application-status-checks", "ec2.capacitymanager", "ec2fastlaunch", "ec2fleet",
    "ec2scheduled", "ec2sqlha", "ecr", "ecs", "ecs-tasks", "ecs.application-autoscaling", "edgelambda", "eks",
    "eks-connector", "eks-fargate", "eks-fargate-pods", "eks-nodegroup", "elasticache",
    "elasticache.application-autoscaling", "elasticbeanstalk", "elasticfilesystem", "elasticloadbalancing",
    "elasticmapreduce", "elastictranscoder", "email", "email-smtp", "email.cognito-idp", "emr-containers",
    "emr-serverless", "emrwal", "entityresolution", "es", "event-processor.health", "events", "events.managedservices",
    "events.workmail", "evidently", "export.rds", "finspace", "firehose", "fis", "fms", "forecast", "frauddetector",
    "freertos", "fsx", "gamelift", "glacier", "globalaccelerator", "glue", "grafana", "greengrass", "groundstation",
    "guardduty", "health", "healthlake", "honeycode", "iam", "identitystore", "imagebuilder", "importexport",
    "ingress.eks", "inspector", "inspector2", "internetmonitor", "iot", "iotanalytics", "iotdeviceadvisor",
    "iotdevicetester", "iotevents", "iotfleethub", "iotfleetwise", "iotmanagedintegrations", "iotsitewise",
    "iotthingsgraph", "iottwinmaker", "iotwireless", "ipam", "ivs", "jellyfish", "justintimeaccess.ssm", "kafka",
    "kafka.application-autoscaling", "kafkaconnect", "kendra", "kinesis", "kinesisanalytics",
    "kinesisreplication.dynamodb", "kinesisvideo", "kms", "lakeformation", "lambda", "lambda.application-autoscaling",
    "launchwizard", "lex", "lexv2", "license-management.marketplace", "license-manager",
    "license-manager.master-account", "license-manager.member-account", "lightsail", "location", "logger.cloudfront",
    "logging.s3", "logs", "lookoutequipment", "lookoutmetrics", "lookoutvision", "m2", "machinelearning", "macie",
    "macie2", "maintenance.elasticbeanstalk", "malware-protection-plan.guardduty", "malware-protection.guardduty",
    "managedblockchain", "managedservices", "managedupdates.elasticbeanstalk", "mediaconnect", "mediaconvert",
    "medialive", "mediapackage", "mediastore", "mediatailor", "medical-imaging", "member.org.stacksets.cloudformation",
    "memorydb", "mgn", "migrationhub", "migrationhub-orchestrator", "migrationhub-strategy", "mobileanalytics",
    "mobilehub", "monitoring", "monitoring.rds", "monitoring.thinclient", "monitron", "mpa", "mq", "mrk.kms", "nat",
    "neptune", "neptune-graph", "neptune.application-autoscaling", "network-firewall", "network-security-director",
    "network.bedrock-agentcore", "networking.apprunner", "networkmanager", "nimble", "notifications",
    "notifications.ssm", "oam", "observability.aoss", "observabilityadmin", "omics", "opensearchservice",
    "ops.apigateway", "ops.athena", "ops.emr-serverless", "opsdatasync.ssm", "opsinsights.ssm", "opsworks",
    "opsworks-cm", "organizations", "orgsdatasync.servicecatalog", "osis", "outposts", "panorama",
    "partnercentral-account-management", "payment-cryptography", "pca-connector-ad", "permission.iq", "personalize",
    "pi", "pinpoint", "pipes", "pods.eks", "polly", "pricing", "private-marketplace.marketplace", "private-networks",
    "profile", "proton", "pullthroughcache.ecr", "q", "qbusiness", "qldb", "quicksight", "ram", "rds", "rds-data",
    "rds.application-autoscaling", "redshift", "redshift-data", "redshift-serverless", "refactor-spaces", "rekognition",
    "remediation.config", "replication.cassandra", "replication.dynamodb", "replication.ecr", "replication.lexv2",
    "replication.s3tables", "replicator.lambda", "reporting.trustedadvisor", "repository.sync.codeconnections",
    "resale-authorization.marketplace", "resiliencehub", "resource-explorer-2", "resource-groups",
    "resource-groups-tagging", "resource-snapshot-job.partnercentral-selling", "restore-testing.backup", "robomaker",
    "rolesanywhere", "route53", "route53-recovery-cluster", "route53domains", "route53resolver", "rum",
    "runtime-identity.bedrock-agentcore", "s3", "s3-object-lambda", "s3-outposts", "s3.data-source.lustre.fsx",
    "sagemaker", "sagemaker-geospatial", "sagemaker.application-autoscaling", "savingsplans", "scaler.lambda",
    "scheduler", "schema-conversion.dms", "schemas", "scraper.aps", "secretsmanager", "security-ir", "securityhub",
    "securityhubv2", "securitylake", "serverlessrepo", "service.eks", "servicecatalog", "servicecatalog-appregistry",
    "servicediscovery", "servicequotas", "ses", "shield", "signer", "signin", "simspaceweaver", "sms", "sms-voice",
    "smsintegration.migrationhub", "snow-device-management", "snowball", "sns", "spot", "spotfleet", "sqlworkbench",
    "sqs", "ssm", "ssm-contacts", "ssm-guiconnect", "ssm-incidents", "ssm-quicksetup", "ssm-sap", "ssm.integrations",
    "sso", "stacksets.cloudformation", "states", "storage-lens.s3", "storagegateway", "streams.metrics.cloudwatch",
    "sts", "sumerian", "support", "supportapp", "supportplans", "swf", "sync.proton", "synthetics", "tagging",
    "tasks.apprunner", "telemetry-enablement.observabilityadmin", "telemetry-pipelines.observabilityadmin", "textract",
    "thirdparty.config", "timestream", "timestream-influxdb", "tnb", "transcribe", "transfer", "transform-custom",
    "transitgateway", "translate", "triage.security-ir", "trustedadvisor", "user-attribute-cost-allocation-data",
    "verifiedpermissions", "vmie", "voiceid", "vpc-flow-logs", "vpc-lattice", "vpce", "vpcorigin.cloudfront", "waf",
    "waf-regional", "wafv2", "wellarchitected", "wickr", "wisdom", "workdocs", "worklink", "workmail", "workspaces",
    "workspaces-instances", "workspaces-web", "workspaces.application-autoscaling", "xray",
];

/// Whether the text names a service: `label.amazonaws.com`, `label.region.amazonaws.com`, or the same in China's domain
/// (`….amazonaws.com.cn`). Names are lower case.
pub fn is_service_principal(name: &str) -> bool {
    let Some(label) = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn")) else {
        return false;
    };
    is_label(label) || label.rsplit_once('.').is_some_and(|(label, region)| is_region(region) && is_label(label))
}

fn is_label(label: &str) -> bool {
    LABELS.binary_search(&label).is_ok()
}

/// Whether the text has a region's form: `eu-central-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-').rev();
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(|word| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase()))
}
