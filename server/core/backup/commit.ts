import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Returns the commit of the program; empty if it was not started from a clone, or there is no git. */
export function commitOfProgram(): Promise<string> {
  return new Promise((settle) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd: root, timeout: 5000 }, (error, output) =>
      settle(error ? '' : output.trim()),
    )
  })
}
