import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../server/testing/free-port.ts'
import { until } from '../../server/testing/until.ts'

/** The ordinary account that runs Sanyi on each machine; the program belongs to root. */
export const account = 10_001

/**
 * One machine of a merchant: unpacked releases, a disk of its own for the data folder, a port. The disk is memory in a mount namespace, so that
 * it can run full, and is gone when the machine is.
 */
export type Machine = {
  name: string
  url: string
  /** The installation as a person on the machine names it. */
  dataDir: string
  /** A path of the data folder, or of a program, as this process sees it. */
  data(...parts: string[]): string
  program(version: string): string
  /** Unpacks a release, by default into a folder of its name, and lets `current` point there. */
  install(archive: string, version?: string): Promise<void>
  /** Points `current` to another version. */
  choose(version: string): Promise<void>
  /** Puts a copy of the sealing keys where the guide says. */
  giveKeys(from: string): void
  /** Runs `bin/sanyi ARGUMENTS` and returns what it said. It has to end with one of the codes, by default 0. */
  sanyi(args: readonly string[], options?: { env?: Env; codes?: readonly number[] }): Promise<string>
  /** `bin/sanyi start`, or another command that stays, until it says that it is ready. Returns what it said. */
  start(args?: readonly string[], env?: Env, command?: string): Promise<string>
  /** Ends what was started, as Ctrl-C does. */
  stop(): Promise<void>
  /** All that the starts have said. */
  output(): string
  /** Ids of the processes of Sanyi that a start keeps. */
  children(): number[]
  /** Kills every process of the machine and takes its disk and its programs away. */
  lose(): Promise<void>
}

export type Env = Record<string, string>

export async function openMachine(folder: string, name: string, megabytes: number): Promise<Machine> {
  const home = join(folder, name)
  const [dataDir, programs] = [join(home, 'data'), join(home, 'opt')]
  const current = join(programs, 'current')
  for (const path of [dataDir, programs]) mkdirSync(path, { recursive: true, mode: 0o755 })
  writeFileSync(
    join(home, 'passwd'),
    `${readFileSync('/etc/passwd', 'utf8')}sanyi:x:${account}:${account}::${home}:/bin/sh\n`,
  )
  const disk = await mountDisk(home, megabytes)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const started: { child: ChildProcess; text: string }[] = []
  const run = (args: readonly string[], env: Env) => {
    const place = [
      '--mount',
      '--target',
      String(disk.pid),
      '--setuid',
      `${account}`,
      '--setgid',
      `${account}`,
    ]
    const child = spawn('nsenter', [...place, 'sh', join(current, 'bin/sanyi'), ...args], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of the repository's environment. Only `SIMULATOR` is not a merchant's: it permits platforms on this machine.
      env: {
        ...{ PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, DATA_DIR: dataDir, SIMULATOR: '1' },
        ...{ PORT: String(port), PUBLIC_URL: url, ...env },
      },
    })
    const ran = { child, text: '' }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        ran.text += chunk.toString()
      })
    return ran
  }
  const choose = async (version: string) => {
    assert.ok(existsSync(join(programs, version)), version)
    await rm(current, { force: true })
    symlinkSync(join(programs, version), current)
  }
  return {
    ...{ name, url, dataDir },
    data: (...parts) => join('/proc', String(disk.pid), 'root', dataDir, ...parts),
    program: (version) => join(programs, version),
    async install(archive, version = basename(archive, '.tar.gz')) {
      mkdirSync(join(programs, version), { recursive: true })
      execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', join(programs, version)])
      await choose(version)
    },
    choose,
    giveKeys(from) {
      const folder = join('/proc', String(disk.pid), 'root', dataDir, 'keys')
      mkdirSync(folder, { recursive: true })
      copyFileSync(from, join(folder, 'sealing.json'))
      for (const path of [folder, join(folder, 'sealing.json')]) chownSync(path, account, account)
    },
    async sanyi(args, { env = {}, codes = [0] } = {}) {
      const ran = run(args, env)
      const [code] = await once(ran.child, 'close')
      assert.ok(codes.includes(code), `sanyi ${args.join(' ')} ended with ${code}:\n${ran.text}`)
      return ran.text
    },
    async start(args = [], env = {}, command = 'start') {
      const ran = run([command, ...args], env)
      started.push(ran)
      await until(() => /ready \(|Serving merchants/.test(ran.text) || ran.child.exitCode !== null, 120_000)
      assert.equal(ran.child.exitCode, null, ran.text)
      return ran.text
    },
    async stop() {
      await Promise.all(started.map(({ child }) => ended(child, 'SIGTERM')))
    },
    output: () => started.map(({ text }) => text).join('\n'),
    children: () =>
      processesOf(disk.pid).filter((pid) => /server\/(main|start\/web|worker)\.ts/.test(commandOf(pid))),
    async lose() {
      // A process may have a child meanwhile.
      for (let pids = [disk.pid]; pids.length > 0; pids = processesOf(disk.pid)) {
        for (const pid of processesOf(disk.pid).filter((one) => one !== disk.pid)) kill(pid)
        if (processesOf(disk.pid).every((pid) => pid === disk.pid)) break
        await sleep(20)
      }
      await ended(disk.child, 'SIGKILL')
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The disk lives as long as a process in its mount namespace, and that one as long as its input, which ends with this process. */
async function mountDisk(home: string, megabytes: number): Promise<{ child: ChildProcess; pid: number }> {
  const script = [
    `mount -t tmpfs -o size=${megabytes}m,mode=755,uid=${account},gid=${account} none "$0/data"`,
    'mount --bind "$0/passwd" /etc/passwd && echo mounted && exec cat',
  ]
  const child = spawn('unshare', ['--mount', 'sh', '-c', script.join(' && '), home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [word] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() =>
      assert.fail('No disk can be mounted that nobody else sees: run it as root.'),
    ),
  ])
  assert.match(String(word), /mounted/)
  assert.ok(child.pid)
  return { child, pid: child.pid }
}

/** The processes whose mount namespace is this one's: all of a machine, and no other. */
function processesOf(pid: number): number[] {
  const namespace = namespaceOf(String(pid))
  if (namespace === undefined) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === namespace)
    .map(Number)
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

/** The address of the embedded database of a machine, for the checker alone. */
export async function embeddedUrl(machine: Machine): Promise<string> {
  const read = async (name: string) => (await readFile(machine.data(name), 'utf8')).trim()
  return `postgres://sanyi:${await read('postgres.password')}@127.0.0.1:${await read('postgres.port')}/sanyi`
}
