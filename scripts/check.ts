// The fast steps of `npm test`, which read the code without running the product. Arguments select steps by name.
import { nodeTests, runSteps, staticSteps } from './steps.ts'

const words = process.argv.slice(2)
const tidy = ['tidy', 'glossary', 'rows'].map((name) => `server/rules/${name}.test.ts`)
const steps = [...staticSteps, nodeTests('tidy', tidy)]
await runSteps(steps.filter(({ name }) => words.length === 0 || words.includes(name)))
