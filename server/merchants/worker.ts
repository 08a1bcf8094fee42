import { forgetWorker } from '../core/directory/merchant-states.ts'
import { repeat, workerName } from '../core/jobs/engine.ts'
import { whenAskedToStop } from '../lib/stopping.ts'
import { begin } from './begin.ts'
import { serveMerchants } from './serve.ts'

// The worker process of many merchants. Several share the merchants of one directory.

const lookMs = 1000

const begun = await begin('worker')
const { directory, log, stopping } = begun
const { signal } = stopping
const worker = workerName()
const serving = serveMerchants(begun, worker)
const looking = repeat(log, { name: 'directory', signal, everyMs: lookMs }, () => serving.look())
log.info('working')
process.send?.('working')

whenAskedToStop(async (why, code) => {
  log.info({ why }, 'stopping')
  stopping.abort()
  await Promise.all([looking, begun.following])
  await serving.stop()
  await forgetWorker(directory, worker)
  await directory.close()
  process.exit(code)
})
