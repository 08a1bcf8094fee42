import { parseArgs } from 'node:util'
import { demoRate, demoShops } from './demo-shops.ts'
import { PRINT_CLIENTS, startPrintClient } from './print-client.ts'
import { startSandbox } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4101' },
    seed: { type: 'string', default: 'sanyi' },
    rate: { type: 'string', default: '1' },
    /** The file in which the simulator is kept until its next start. */
    keep: { type: 'string' },
  },
})
const factor = Number(values.rate)
if (!Number.isFinite(factor) || factor < 0)
  throw new Error('--rate is a factor: 1 is the demo rate, 0 stands still')
const running = await startSandbox({
  port: Number(values.port),
  seed: values.seed,
  shops: demoShops,
  rate: {
    newTradesPerMinute: demoRate.newTradesPerMinute * factor,
    eventsPerMinute: demoRate.eventsPerMinute * factor,
  },
  ...(values.keep === undefined ? {} : { keptIn: values.keep }),
})
console.log(`平台模拟器 · Marketplace simulator ${running.url} (/router/rest, /api/router, /control)`)
// A real print client, or another demo, may have a port: then that one prints.
for (const kind of PRINT_CLIENTS) {
  const printing = await startPrintClient({ kind, gateway: running.url }).catch(() => undefined)
  if (printing) console.log(`打印组件模拟 · Print client simulator (${kind}) ${printing.url}`)
}
const stop = () => void running.close().then(() => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
// 'disconnect' comes if another process started this one, and has ended or asks this one to end.
process.on('disconnect', stop)
if (process.connected === false) stop()
