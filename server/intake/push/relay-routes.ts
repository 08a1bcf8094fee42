import type { Connector } from '../../connectors/connector.ts'
import { type Routes, route, secret } from '../../core/http/http.ts'
import { secondMs } from '../../lib/time.ts'
import { relayOfRequest } from '../../shops/relays/relays.ts'
import { holdChannels, isSocket, wantedChannels } from './channels.ts'
import { storeMessages } from './messages.ts'
import { channelsAnswer, channelsInput, messagesAnswer, messagesInput } from './relay-push-contract.ts'

/** A relay that has not asked for this time holds no connection. */
const leaseMs = 20 * secondMs
const bodyLimit = 16_777_216

/** The requests of a relay about its connections to the platforms' message services, and about the messages. */
export function relayPushRoutes(connectors: readonly Connector[]): Routes {
  return async (app) => {
    const { db, ring, config } = app
    // An app whose secrets we have too is connected by a worker.
    const channelsOf = async (relayId: string) =>
      (await wantedChannels({ db, ring, connectors, simulator: config.simulator })).filter(
        (one) => isSocket(one) && one.apps.length === 0 && one.relayIds.includes(relayId),
      )
    app.post(
      '/api/relay/channels',
      secret(
        route(
          'relays.serve',
          'The channels of messages that this relay must hold',
          { body: channelsInput, response: { 200: channelsAnswer } },
          ['forbidden'],
        ),
      ),
      async (request) => {
        const relayId = await relayOfRequest(db, request)
        const said = new Map(request.body.signs.map((sign) => [sign.channel, sign]))
        const signs = (await channelsOf(relayId)).map(
          ({ channel }) => said.get(channel) ?? { channel, heardMs: null, errorCode: '' },
        )
        return { held: [...(await holdChannels(db, { worker: `relay:${relayId}`, leaseMs }, signs))] }
      },
    )
    app.post(
      '/api/relay/messages',
      {
        ...secret(
          route(
            'relays.serve',
            'Messages of platforms; each is kept once, and those of channels that are not the relay’s are dropped',
            { body: messagesInput, response: { 200: messagesAnswer } },
            ['forbidden'],
          ),
        ),
        bodyLimit,
      },
      async (request) => {
        const relayId = await relayOfRequest(db, request)
        const own = new Set((await channelsOf(relayId)).map(({ channel }) => channel))
        const messages = request.body.messages
          .filter(({ channel }) => own.has(channel))
          .map((one) => ({ ...one, raw: Buffer.from(one.raw, 'base64').toString('utf8') }))
        for (const [channel, some] of Map.groupBy(messages, (message) => message.channel))
          await storeMessages(db, ring, channel, some)
        return { kept: messages.length }
      },
    )
  }
}
