import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../server/core/embedded/children.ts'
import { isRunning } from '../server/core/embedded/processes.ts'
import { type Cluster, killPostmaster } from './cluster.ts'
import type { House } from './day-house.ts'

export const victims = ['worker', 'web', 'database', 'main', 'everything'] as const
export type Victim = (typeof victims)[number]

/** How long another process holds the port of a killed database. */
const heldMs = 5000
/** How long a service manager (systemd, a container's restart policy) waits before it restarts. */
const restartMs = 1000

/** Sanyi as `npm start` runs it, with its embedded database, and a supervisor that restarts it when all of it was killed. */
export type Supervised = {
  kill(victim: Victim): Promise<void>
  /**
   * Stops it as a service manager does. The database keeps running, because others are connected. Returns the pids of processes that still
   * run.
   */
  stop(): Promise<number[]>
}

export async function supervise(house: House, cluster: Cluster): Promise<Supervised> {
  const log = { name: 'main 0', text: '' }
  house.logs.push(log)
  const seen = new Set<number>()
  let main = begin(house, cluster, log)
  const strangers = new Set<Server>()
  const killDatabase = async () => {
    const port = Number(await readFile(`${cluster.folder}.port`, 'utf8'))
    await killPostmaster(cluster)
    const stranger = await holdPort(port)
    strangers.add(stranger)
    void sleep(heldMs).then(() => stranger.close())
  }
  const killMain = async (together: readonly number[]) => {
    const gone = new Promise((settle) => main.once('exit', settle))
    main.kill('SIGKILL')
    for (const pid of together) kill(pid)
    await gone
    await sleep(restartMs)
    main = begin(house, cluster, log)
  }
  return {
    async kill(victim) {
      const children = await childrenOf(main.pid ?? 0)
      for (const { pid } of children) seen.add(pid)
      if (victim === 'database') return killDatabase()
      if (victim === 'main') return killMain([])
      if (victim === 'everything') {
        await killPostmaster(cluster)
        return killMain(children.map(({ pid }) => pid))
      }
      for (const { pid, command } of children) if (command.includes(`${victim}.ts`)) kill(pid)
    },
    async stop() {
      for (const { pid } of await childrenOf(main.pid ?? 0)) seen.add(pid)
      const gone = new Promise((settle) => main.once('exit', settle))
      main.kill('SIGTERM')
      await gone
      for (const stranger of strangers) stranger.close()
      return [...seen].filter(isRunning)
    },
  }
}

function begin(house: House, cluster: Cluster, log: { text: string }): ChildProcess {
  const script = fileURLToPath(new URL('../server/main.ts', import.meta.url))
  const env = { ...house.environment(), DATABASE_URL: '', DATA_DIR: dirname(cluster.folder) }
  // The channel closes when this process ends for any reason, and the child then ends too.
  const child = spawn(process.execPath, [...nodeFlags, script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log.text += chunk.toString()
    })
  }
  return child
}

async function childrenOf(pid: number): Promise<{ pid: number; command: string }[]> {
  const pids = await readFile(join('/proc', String(pid), 'task', String(pid), 'children'), 'utf8').catch(
    () => '',
  )
  return Promise.all(
    pids
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(async (one) => ({
        pid: Number(one),
        command: await readFile(`/proc/${one}/cmdline`, 'utf8').catch(() => ''),
      })),
  )
}

/** The process may have ended a moment before. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

/** Takes the port as soon as it is free, and closes every connection to it. */
async function holdPort(port: number): Promise<Server> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const server = createServer((socket) => socket.destroy())
    const held = await new Promise<boolean>((settle) => {
      server.once('error', () => settle(false))
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => settle(true))
    })
    if (held) return server
    await sleep(2)
  }
  throw new Error(`port ${port} does not become free`)
}
