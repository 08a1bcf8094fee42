import { loadConfig } from '../config.ts'
import { openDirectory } from '../core/directory/directory.ts'
import { forgetWorker } from '../core/directory/merchant-states.ts'
import { buildLog } from '../core/http/http-log.ts'
import { repeat, workerName } from '../core/jobs/engine.ts'
import { thisProgram } from '../core/upgrade/program.ts'
import { quietly } from '../lib/quiet.ts'
import { exitWithStartError, whenAskedToStop } from '../lib/stopping.ts'
import { serveMerchants } from './serve.ts'
import { followTime } from './time.ts'

// The worker process of many merchants. Several share the merchants of one directory.

const lookMs = 1000

const config = loadConfig()
const log = buildLog(config, 'worker')
const warn = quietly(log)
log.info(await thisProgram(), 'starting')
const directory = await openDirectory(config, (error) => warn(error, 'directory connection lost')).catch(
  exitWithStartError,
)
const stopping = new AbortController()
const { signal } = stopping
const following = await followTime(directory, log, signal)
const worker = workerName()
const serving = serveMerchants({ directory, config, log, kind: 'worker' }, worker)
const looking = repeat(log, { name: 'directory', signal, everyMs: lookMs }, () => serving.look())
log.info('working')
process.send?.('working')

whenAskedToStop(async (why, code) => {
  log.info({ why }, 'stopping')
  stopping.abort()
  await Promise.all([looking, following.ended])
  await serving.stop()
  await forgetWorker(directory, worker)
  await directory.close()
  process.exit(code)
})
