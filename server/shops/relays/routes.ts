import { setTimeout as sleep } from 'node:timers/promises'
import Value from 'typebox/value'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { secondMs } from '../../lib/time.ts'
import { noteHeard, type TakenCall, takeCalls, writeAnswers } from './hand-over-queries.ts'
import {
  answersAnswer,
  answersInput,
  callsAnswer,
  callsInput,
  type HandedCall,
  newRelayAnswer,
  newRelayInput,
  relayRequest,
  relaysAnswer,
} from './relay-contract.ts'
import { createRelay, listRelays, relayOfRequest, removeRelay, renewRelayKey } from './relays.ts'

/** The time for which a request for work is held open. Proxies end a request that is silent for a minute or less. */
const holdMs = 10 * secondMs
/** Milliseconds between two looks for work: the first, and the longest after quiet seconds. */
const looks = { firstMs: 20, longestMs: 150 }
/** Answers of a platform with their texts. */
const bodyLimit = 41_943_040

/** Relays as people see them. */
export const relayRoutes: Routes = async (app) => {
  app.get(
    '/api/relays',
    route('shops.read', 'Relays, and the shops that are called through them', {
      response: { 200: relaysAnswer },
    }),
    async ({ scope }) => ({ rows: await listRelays(app.db, scope) }),
  )
  app.post(
    '/api/relays',
    secret(
      route(
        'api_keys.write',
        'Add a relay; its key is shown this one time',
        { body: newRelayInput, response: { 201: newRelayAnswer } },
        ['duplicate', 'beyond_own_rights', 'outside_scope'],
      ),
    ),
    async (request, reply) => reply.code(201).send(await createRelay(app.db, request, request.body)),
  )
  app.post(
    '/api/relays/:id/key',
    secret(
      route(
        'api_keys.write',
        'Give a relay a new key, shown this one time; the old one ends',
        { params: idParams, response: { 200: newRelayAnswer } },
        ['not_found', 'beyond_own_rights', 'outside_scope'],
      ),
    ),
    async (request) => renewRelayKey(app.db, request, request.params.id),
  )
  app.delete(
    '/api/relays/:id',
    route('api_keys.write', 'Remove a relay; its key ends', { params: idParams, response: nothing }, [
      'not_found',
      'relay_in_use',
      'beyond_own_rights',
      'outside_scope',
    ]),
    async (request, reply) => {
      await removeRelay(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
}

/** What a relay asks and says. Nothing of these requests is kept for an `Idempotency-Key`, because they hold tokens and data of people. */
export const relayServiceRoutes: Routes = async (app) => {
  const { db, ring } = app
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.post(
    '/api/relay/calls',
    secret(
      route(
        'relays.serve',
        'Calls to be made by this relay; held open until there is one',
        { body: callsInput, response: { 200: callsAnswer } },
        ['forbidden'],
      ),
    ),
    async (request, reply) => {
      const relayId = await relayOfRequest(db, request)
      await noteHeard(db, relayId)
      const began = performance.now()
      const heldMs = () => performance.now() - began
      let pauseMs = looks.firstMs
      for (;;) {
        // A request whose relay is gone takes nothing: its calls would wait for their next hand-over.
        const isOver = heldMs() > holdMs || isClosing || reply.raw.destroyed
        const taken = reply.raw.destroyed ? [] : await takeCalls(db, relayId, request.body.memory)
        if (taken.length > 0 || isOver)
          return { heldMs: heldMs(), calls: taken.map((call) => handed(ring, relayId, call)) }
        await sleep(pauseMs)
        pauseMs = Math.min(looks.longestMs, pauseMs * 1.1)
      }
    },
  )
  app.post(
    '/api/relay/answers',
    {
      ...secret(
        route(
          'relays.serve',
          'Outcomes of calls; one for which no call waits is dropped',
          { body: answersInput, response: { 200: answersAnswer } },
          ['forbidden'],
        ),
      ),
      bodyLimit,
    },
    async (request) => {
      const relayId = await relayOfRequest(db, request)
      const answers = request.body.answers.map(({ number, outcome }) => ({
        number,
        answer: seal(ring, relayId, Buffer.from(outcome, 'base64')),
      }))
      return { taken: await writeAnswers(db, relayId, answers) }
    },
  )
}

function handed(ring: KeyRing, relayId: string, { number, request, leftMs }: TakenCall): HandedCall {
  const opened: unknown = JSON.parse(unseal(ring, relayId, request).toString('utf8'))
  if (!Value.Check(relayRequest, opened)) throw new Error(`The call ${number} is none.`)
  return { number, leftMs, request: opened }
}
