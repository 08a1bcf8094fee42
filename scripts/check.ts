// The fast part of `npm test`: everything that reads the code without running the product. With names, only these steps.
import { nodeTests, runSteps, staticSteps } from './steps.ts'

const words = process.argv.slice(2)
const tidy = ['tidy', 'glossary', 'rows'].map((name) => `server/rules/${name}.test.ts`)
const steps = [...staticSteps, nodeTests('tidy', tidy)]
await runSteps(steps.filter(({ name }) => words.length === 0 || words.includes(name)))
