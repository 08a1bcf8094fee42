import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageJson from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The file that `npm run release` writes: a release has no repository that could be asked for its commit. */
export const releaseFile = 'release.json'

/** `commit`: empty if it is neither a release nor a clone, or there is no git. */
export type Program = { version: string; commit: string }

let found: Promise<Program> | undefined

/** Returns the version and the commit of the program that runs. They are read once. */
export function thisProgram(): Promise<Program> {
  found ??= readProgram()
  return found
}

async function readProgram(): Promise<Program> {
  return { version: packageJson.version, commit: (await commitOfRelease()) ?? (await commitOfClone()) }
}

async function commitOfRelease(): Promise<string | undefined> {
  const text = await readFile(join(root, releaseFile), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { commit }: { commit?: unknown } = JSON.parse(text)
  return typeof commit === 'string' ? commit : ''
}

function commitOfClone(): Promise<string> {
  return new Promise((settle) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd: root, timeout: 5000 }, (error, output) =>
      settle(error ? '' : output.trim()),
    )
  })
}

/** Returns the version and the first digits of the commit, as a person reads them. */
export const programText = ({ version, commit }: Program) => `${version} ${commit.slice(0, 8)}`.trim()
