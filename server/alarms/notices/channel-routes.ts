import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { kindOfChannel } from './channel-kinds.ts'
import { allChannels } from './channel-queries.ts'
import {
  addChannel,
  changeChannel,
  isWholeScope,
  removeChannel,
  shownPlace,
  testChannel,
} from './channels.ts'
import {
  channelChange,
  channelInput,
  channelKinds,
  channelList,
  channelSaved,
  channelTested,
} from './contract.ts'

const tags = ['overview']

/** 告警通知: the channels to which alarms are sent. */
export const channelRoutes: Routes = async (app) => {
  const { db, ring, config } = app
  const { publicUrl, simulator, platformHosts } = config
  const places = { ring, publicUrl, simulator, platformHosts }
  app.get(
    '/api/alarm-channels',
    route('tasks.write', 'The channels to which alarms are sent, and the kinds of channels', {
      tags,
      response: { 200: channelList },
    }),
    async ({ scope }) => {
      const rows = isWholeScope(scope) ? await allChannels(db) : []
      return {
        rows: rows.map(({ quietFrom, quietTo, quietPassesBad, ...row }) => ({
          ...{ ...row, ...shownPlace(ring, row) },
          quiet:
            quietFrom === null || quietTo === null
              ? null
              : { from: quietFrom, to: quietTo, passesBad: quietPassesBad },
        })),
        kinds: channelKinds.map((id) => ({
          id,
          name: kindOfChannel[id].name,
          credentials: kindOfChannel[id].credentials,
        })),
      }
    },
  )
  app.post(
    '/api/alarm-channels',
    secret(
      route(
        'tasks.write',
        'Add a channel for alarms',
        { tags, body: channelInput, response: { 201: channelSaved } },
        ['outside_scope'],
      ),
    ),
    async ({ body, actor, scope }, reply) => {
      const id = await db.transaction().execute((tx) => addChannel(tx, places, body, { actor, scope }))
      return reply.code(201).send({ id })
    },
  )
  app.patch(
    '/api/alarm-channels/:id',
    secret(
      route(
        'tasks.write',
        'Change a channel for alarms; secrets that are left out stay',
        { tags, params: idParams, body: channelChange, response: nothing },
        ['outside_scope', 'not_found'],
      ),
    ),
    async ({ params: { id }, body: change, actor, scope }, reply) => {
      await db.transaction().execute((tx) => changeChannel(tx, places, { id, change }, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/alarm-channels/:id',
    route('tasks.write', 'Remove a channel for alarms', { tags, params: idParams, response: nothing }, [
      'outside_scope',
      'not_found',
    ]),
    async ({ params: { id }, actor, scope }, reply) => {
      await db.transaction().execute((tx) => removeChannel(tx, id, { actor, scope }))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/alarm-channels/:id/test',
    route(
      'tasks.write',
      'Send a test message to a channel now',
      { tags, params: idParams, response: { 200: channelTested } },
      ['outside_scope', 'not_found'],
    ),
    async ({ params: { id }, actor, scope }) => ({
      failure: await testChannel(db, places, id, { actor, scope }),
    }),
  )
}
