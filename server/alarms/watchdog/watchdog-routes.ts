import { setTimeout as sleep } from 'node:timers/promises'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { secondMs } from '../../lib/time.ts'
import { isWholeScope } from '../notices/channels.ts'
import { installationAnswer, newWatchdogAnswer, newWatchdogInput, watchdogsAnswer } from './contract.ts'
import { createWatchdog, listWatchdogs, removeWatchdog, watchdogOfRequest } from './watchdogs.ts'
import { channelsToTell } from './watched-channels.ts'

const tags = ['overview']
const holdSecondsMost = 30

/** 看门狗: processes elsewhere that speak when the installation does not answer. */
export const watchdogRoutes: Routes = async (app) => {
  const { db, ring, config } = app
  app.get(
    '/api/watchdogs',
    route('tasks.write', 'The watchdogs, which speak when Sanyi does not answer', {
      tags,
      response: { 200: watchdogsAnswer },
    }),
    async ({ scope }) => ({ rows: isWholeScope(scope) ? await listWatchdogs(db) : [] }),
  )
  app.post(
    '/api/watchdogs',
    secret(
      route(
        'api_keys.write',
        'Add a watchdog; the command that starts it is shown this one time',
        { tags, body: newWatchdogInput, response: { 201: newWatchdogAnswer } },
        ['outside_scope', 'beyond_own_rights'],
      ),
    ),
    async (request, reply) => {
      const { id, key } = await createWatchdog(db, request, request.body.name)
      return reply.code(201).send({ id, command: `npm run watchdog -- ${config.publicUrl} ${key}` })
    },
  )
  app.delete(
    '/api/watchdogs/:id',
    route(
      'api_keys.write',
      'Remove a watchdog; its key ends',
      { tags, params: idParams, response: nothing },
      ['outside_scope', 'beyond_own_rights', 'not_found'],
    ),
    async (request, reply) => {
      await removeWatchdog(db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/api/watchdog',
    secret(
      route(
        'watchdogs.serve',
        'What a watchdog asks every ten seconds: the channels with their secrets. With `Prefer: wait=10` it is answered after so many seconds, or when a wanted stop begins',
        { tags, response: { 200: installationAnswer } },
        ['not_found'],
      ),
    ),
    async (request) => {
      await watchdogOfRequest(db, request)
      // An open question is the only way to a watchdog, which has no address of its own.
      const [, seconds = '0'] = /^wait=([\d.]+)$/.exec(String(request.headers['prefer'])) ?? []
      const waitMs = Math.min(Number(seconds), holdSecondsMost) * secondMs
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: app.draining }).catch(() => {})
      return {
        name: await watchdogOfRequest(db, request),
        publicUrl: config.publicUrl,
        channels: await channelsToTell(db, ring),
        ...(app.draining.aborted ? { stopping: true } : {}),
      }
    },
  )
}
