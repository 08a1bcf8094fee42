// npm run dev: the demo for developers. An edited page appears at once, an edited server file within seconds; after a change of the
// simulator or a migration everything restarts. PORT is the server's port, PAGES_PORT the port to open in the browser, DATA_DIR the data
// folder.
import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'
import { readableLog } from './readable-log.ts'
import { root } from './steps.ts'

const port = process.env['PORT'] ?? '3000'
const pagesPort = process.env['PAGES_PORT'] ?? '5173'
/** Waits this long after the last change, because switching a branch writes many files at once. */
const quietMs = 200

process.env['SANYI_API'] = `http://127.0.0.1:${port}`
const pages = await createServer({
  configFile: join(root, 'web/vite.config.ts'),
  clearScreen: false,
  logLevel: 'warn',
  server: { host: '127.0.0.1', port: Number(pagesPort), strictPort: true },
})
await pages.listen().catch((error: Error) => {
  console.error(`${error.message}: PAGES_PORT=5174 npm run dev takes another one`)
  process.exit(1)
})

let stopping = false
let again = false
let house = startHouse()

const waiting = new Map<string, NodeJS.Timeout>()
for (const folder of ['server', 'sandbox', 'migrations'])
  watch(join(root, folder), { recursive: true }, (_event, file) => {
    if (!/\.(ts|sql)$/.test(file ?? '') || /\.test\.ts$/.test(file ?? '')) return
    clearTimeout(waiting.get(folder))
    waiting.set(
      folder,
      setTimeout(() => changed(folder, file ?? ''), quietMs),
    )
  })

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
process.on('disconnect', stop)

function startHouse(): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'server/main.ts'), '--demo'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        DATA_DIR: join(root, 'data/dev'),
        PUBLIC_URL: `http://localhost:${pagesPort}`,
        ...process.env,
        PORT: port,
      },
    },
  )
  if (child.stdout) void readableLog(child.stdout)
  child.once('exit', (code) => void ended(code))
  return child
}

function changed(folder: string, file: string): void {
  if (stopping) return
  console.log(`${folder}/${file} 已修改 · changed`)
  if (folder === 'server') {
    if (house.connected) house.send('renew')
    return
  }
  again = true
  house.kill('SIGTERM')
}

/** Called when the server has ended: because it was asked to restart, or because it could not start and has printed the reason. */
async function ended(code: number | null): Promise<void> {
  if (again && !stopping) {
    again = false
    house = startHouse()
    return
  }
  await pages.close()
  process.exit(code ?? 1)
}

function stop(): void {
  stopping = true
  house.kill('SIGTERM')
}
