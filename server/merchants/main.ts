import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { childEnvironment, loadConfig } from '../config.ts'
import { type Child, keepRunning } from '../core/embedded/children.ts'
import { lockDataFolder } from '../core/embedded/house-lock.ts'
import { openLogFile } from '../core/embedded/log-file.ts'
import { say } from '../core/embedded/welcome.ts'
import { whenAskedToStop } from '../lib/stopping.ts'

// npm run merchants [-- --role=web|worker]: keeps the web and worker processes of many merchants running.

const graceMs = { web: 25_000, worker: 25_000 }

const { values } = parseArgs({ options: { role: { type: 'string', default: 'all' } } })
const parts = (['web', 'worker'] as const).filter((part) => values.role === 'all' || values.role === part)
if (parts.length === 0) throw new Error(`--role must be web, worker or all, not "${values.role}"`)
const config = loadConfig()
const unlocks = await Promise.all(parts.map((part) => lockDataFolder(config.dataDir, `merchants-${part}`)))
const children = new Map<(typeof parts)[number], Child>()
let isStopping = false

const end = whenAskedToStop(async (_why, code) => {
  isStopping = true
  for (const [part, child] of children)
    await child.stop(graceMs[part] + (part === 'web' ? config.drainMs : 0))
  for (const unlock of unlocks) await unlock()
  process.exit(code)
}, 40_000 + config.drainMs)

for (const part of parts)
  children.set(
    part,
    keepRunning({
      name: part,
      script: fileURLToPath(new URL(`./${part}.ts`, import.meta.url)),
      env: () => childEnvironment({ DATA_DIR: config.dataDir, SEALING_KEY_PATH: config.sealingKeyPath }),
      output: openLogFile(join(config.dataDir, 'logs', `merchants-${part}.log`), {
        copy: process.stdout.isTTY ? undefined : process.stdout,
        onTrouble: say,
      }),
      log: say,
      onRefused: ({ refused, code }) => {
        if (isStopping) return
        say(refused)
        end('refused', code)
      },
    }),
  )
await Promise.all([...children.values()].map(({ working }) => working))
say(`多商家已就绪 · Serving merchants: ${parts.join(', ')}`)
