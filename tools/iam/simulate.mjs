// Reads a JSON list of requests with their policies from stdin, and writes what AWS would answer to each.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { readFileSync } from 'node:fs';

const answers = [];
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) {
    const found = await runSimulation(simulation, {});
    answers.push(found.resultType === 'error' ? { error: found.errors } : { result: found.overallResult });
}
console.log(JSON.stringify(answers));
