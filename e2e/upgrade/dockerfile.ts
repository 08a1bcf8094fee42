import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Container = {
  env: Record<string, string>
  folder: string
  command: string[]
  health: string[]
  signal: string
  /** The accounts that the steps make. */
  accounts: string
}

/**
 * Performs the steps of a Dockerfile as they are written, in a folder that stands for the root of the container; its user is the one of this
 * process. `archives`: the folder of the build. Throws at a step that this does not know.
 */
export function performDockerfile(
  text: string,
  { image, archives, args }: { image: string; archives: string; args: Record<string, string> },
): Container {
  const made: Container = { env: {}, folder: '', command: [], health: [], signal: '', accounts: '' }
  const inside = (words: string) =>
    words
      .replaceAll(/(?<![\w.])\/(opt|data|etc)\b/g, (path) => join(image, path))
      .replaceAll('10001', String(process.getuid?.() ?? 0))
  mkdirSync(inside('/etc'), { recursive: true })
  const steps: Record<string, (rest: string) => void> = {
    from: (rest) => assert.match(rest, /^debian:\d+-slim$/),
    arg: (rest) => assert.ok(rest in args, rest),
    add(rest) {
      const [file = '', to = ''] = rest.replaceAll(/\$\{(\w+)\}/g, (_, name) => args[name] ?? '').split(' ')
      mkdirSync(inside(to), { recursive: true })
      execFileSync('tar', ['-xzf', join(archives, file), '-C', inside(to)])
    },
    run: (rest) => void execFileSync('/bin/sh', ['-c', inside(rest)]),
    workdir(rest) {
      made.folder = inside(rest)
    },
    env(rest) {
      const [name = '', value = ''] = rest.split('=')
      made.env[name] = inside(value)
    },
    user: (rest) => assert.match(rest, /^\d+:\d+$/),
    volume: (rest) => assert.ok(existsSync(inside(rest)), rest),
    expose: (rest) => assert.equal(rest, made.env['PORT']),
    stopsignal(rest) {
      made.signal = rest
    },
    healthcheck(rest) {
      made.health = JSON.parse(rest.slice(rest.indexOf('[')))
    },
    entrypoint: (rest) => void made.command.push(...JSON.parse(rest)),
    cmd: (rest) => void made.command.push(...JSON.parse(rest)),
  }
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [name = ''] = line.split(' ')
    const step = steps[name.toLowerCase()]
    assert.ok(step, `no step ${name}`)
    step(line.slice(name.length + 1))
  }
  made.accounts = readFileSync(inside('/etc/passwd'), 'utf8')
  return made
}
