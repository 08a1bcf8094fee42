// The fast part of `npm test`: everything that reads the code without running the product.
import { nodeTests, runSteps, staticSteps } from './steps.ts'

await runSteps([...staticSteps, nodeTests('tidy', ['server/rules/tidy.test.ts'])])
