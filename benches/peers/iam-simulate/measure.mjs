// How many decisions a second @cloud-copilot/iam-simulate takes on the case given on standard input. It is run as a
// process of its own from where `make bench` installed it: node measure.mjs FOLDER < case.json
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

const entry = resolve(process.argv[2], 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js')
const { runSimulation } = await import(pathToFileURL(entry))
const given = JSON.parse(readFileSync(0, 'utf8'))
const named = (policies) => policies.map((policy, index) => ({ name: `p${index}`, policy }))
const levels = (chain) => chain.map((level) => ({ orgIdentifier: level.target, policies: named(level.policies) }))
const simulation = {
  request: {
    principal: given.principal,
    action: given.action,
    resource: { resource: given.resource, accountId: given.resource.split(':')[4] },
    contextVariables: given.context,
  },
  identityPolicies: named(given.identity_policies),
  serviceControlPolicies: levels(given.scp),
  resourceControlPolicies: levels(given.rcp),
  resourcePolicy: given.resource_policy,
}
const first = await runSimulation(simulation, {})
if (first.resultType === 'error') throw new Error(JSON.stringify(first))
const spent = () => process.cpuUsage().user / 1e6
const run = async (seconds) => {
  const start = spent()
  let decisions = 0
  while (spent() - start < seconds) {
    await runSimulation(simulation, {})
    decisions += 1
  }
  return decisions / (spent() - start)
}
await run(1)
console.log(await run(2))
