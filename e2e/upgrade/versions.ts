import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const thisVersion = fileURLToPath(new URL('../../', import.meta.url))

export type Migrations = Record<string, string>

/** Makes a later version of Sanyi in a folder: this one with another number and further migrations. */
export function makeVersion(folder: string, version: string, migrations: Migrations): string {
  mkdirSync(folder, { recursive: true })
  const isKept = (path: string) => !/\.test\.tsx?$|\/fixtures\//.test(path)
  for (const part of ['server', 'scripts', 'migrations'])
    cpSync(join(thisVersion, part), join(folder, part), { recursive: true, filter: isKept })
  symlinkSync(join(thisVersion, 'node_modules'), join(folder, 'node_modules'))
  const text = readFileSync(join(thisVersion, 'package.json'), 'utf8')
  writeFileSync(join(folder, 'package.json'), text.replace(/"version": "[^"]+"/, `"version": "${version}"`))
  writeFileSync(
    join(folder, 'release.json'),
    JSON.stringify({ commit: version.replaceAll('.', '').padEnd(40, '0') }),
  )
  for (const [name, content] of Object.entries(migrations))
    writeFileSync(join(folder, 'migrations', name), content)
  return folder
}

export type Process = {
  child: ChildProcess
  log: () => string
  /** The exit code, or the signal. */
  exit: Promise<number | NodeJS.Signals>
}

/** Starts a script of a version. */
export function startProcess(
  version: string,
  [script = '', ...args]: readonly string[],
  env: Record<string, string>,
): Process {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(version, script), ...args],
    {
      cwd: version,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: join(thisVersion, 'node_modules/.cache/node'),
        ...env,
      },
    },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const exit = new Promise<number | NodeJS.Signals>((settle) =>
    child.once('close', (code, signal) => settle(code ?? signal ?? 0)),
  )
  return { child, log: () => text, exit }
}
