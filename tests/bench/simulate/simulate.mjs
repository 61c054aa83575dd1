// Decides the engine's workloads with @cloud-copilot/iam-simulate and prints, for each, one line of JSON. What is timed
// leaves out its validation of the input, where it can be asked without (with a resource policy it cannot); the policies
// are read anew for every request: it has no form that keeps them.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

const LIMIT_MS = Number(process.env.LIMIT_MS ?? 4000);

function simulation(workload, request) {
  const context = { ...workload.baseContext };
  for (const [key, value] of Object.entries(request.context)) {
    if (value === null) delete context[key];
    else context[key] = value;
  }
  return {
    request: {
      principal: workload.principal.arn,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resourceAccountId },
      contextVariables: context,
    },
    identityPolicies: workload.identityPolicies,
    permissionBoundaryPolicies: workload.permissionBoundaryPolicies.length
      ? workload.permissionBoundaryPolicies
      : undefined,
    serviceControlPolicies: workload.serviceControlPolicies,
    resourceControlPolicies: workload.resourceControlPolicies,
    resourcePolicy: request.resourcePolicy ? workload.resourcePolicies[request.resourcePolicy] : undefined,
  };
}

async function decide(one) {
  if (!one.resourcePolicy) return runUnsafeSimulation(one, {});
  return (await runSimulation(one, {})).overallResult;
}

for (const path of process.argv.slice(2)) {
  const workload = JSON.parse(readFileSync(path, "utf8"));
  const simulations = workload.requests.map((request) => simulation(workload, request));
  let asExpected = 0;
  for (const [number, one] of simulations.entries()) {
    if ((await decide(one)) === workload.requests[number].expect) asExpected += 1;
  }
  const times = [];
  const start = performance.now();
  while (performance.now() - start < LIMIT_MS && times.length < 20000) {
    for (const one of simulations) {
      const before = process.hrtime.bigint();
      await decide(one);
      times.push(Number(process.hrtime.bigint() - before));
    }
  }
  times.sort((left, right) => left - right);
  const line = {
    workload: workload.name,
    peer: "iam-simulate",
    medianNanoseconds: times[Math.floor(times.length / 2)],
    p99Nanoseconds: times[Math.floor((times.length * 99) / 100)],
    asExpected,
    requests: simulations.length,
  };
  console.log(JSON.stringify(line));
}
