import Type from 'typebox'
import { audit } from '../../core/access/audit.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idSchema, nullable } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { assertInScope, assertRobot, userOf } from '../subscriber.ts'
import { insertThreshold, noticesAgain, switchThresholds, thresholdsOf } from './threshold-queries.ts'
import { thresholdFigures } from './threshold-rules.ts'

const tags = ['reports']
const closed = { additionalProperties: false }
const settings = {
  figure: oneOf(thresholdFigures),
  /** A percentage is of 100, money is in fen. */
  bound: Type.Number({ minimum: 0, maximum: 1e12 }),
  /** A shop with fewer orders or deliveries today is left out. */
  least: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  /** The hour in China from which it is looked at. */
  hour: Type.Integer({ minimum: 0, maximum: 23 }),
  /** Null: each shop of the user. */
  shop: nullable(idSchema),
  /** The robot of a group chat that gets it; null: the user's mailbox. */
  channel: nullable(idSchema),
  language: oneOf(['zh', 'en']),
}
const threshold = Type.Object({
  id: idSchema,
  ...settings,
  figure: Type.String(),
  language: Type.String(),
  enabled: Type.Boolean(),
  /** The last day on which a shop was beyond it; null: there was none. */
  last: nullable(
    Type.Object({
      ...{ period: Type.String(), state: Type.String(), error: Type.String(), shops: Type.Integer() },
      /** When it is sent again by itself; null: it was sent, or its user decides. */
      again: nullable(Type.String()),
    }),
  ),
})
const ids = Type.Array(idSchema, { minItems: 1, maxItems: 200, uniqueItems: true })
const answered = Type.Object({ ids: Type.Array(idSchema) })

/** 订阅: each user's own thresholds. A figure of today that is beyond one is reported by mail or in a group chat. */
export const thresholdRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/report-thresholds',
    route('reports.read', 'The own thresholds of figures of reports', {
      tags,
      response: { 200: Type.Object({ rows: Type.Array(threshold) }) },
    }),
    async ({ actor }) => ({
      rows: (await thresholdsOf(db, userOf(actor))).map(
        ({ userId: _, leastCount: least, shopId: shop, channelId: channel, ...row }) => ({
          ...{ ...row, least, shop, channel },
        }),
      ),
    }),
  )
  app.post(
    '/api/report-thresholds',
    route(
      'reports.read',
      'Asks to be notified when a figure of today is beyond a bound',
      {
        tags,
        body: Type.Object(settings, closed),
        /** `made`: false if the user has the same one already, which is on now. */
        response: { 200: Type.Object({ id: idSchema, made: Type.Boolean() }) },
      },
      ['outside_scope'],
    ),
    async ({ actor, scope, body, ip, id: requestId }) => {
      const userId = userOf(actor)
      const { least: leastCount, shop: shopId, channel: channelId, ...kept } = body
      assertInScope(scope, shopId)
      await assertRobot(db, channelId)
      return db.transaction().execute(async (tx) => {
        const added = await insertThreshold(tx, { ...kept, userId, leastCount, shopId, channelId })
        if (added.made)
          await audit(tx, {
            ...{ actor, action: 'report.subscribe', subject: { type: 'report_threshold', id: added.id } },
            ...{ detail: { figure: body.figure, bound: body.bound }, request: { ip, id: requestId } },
          })
        return added
      })
    },
  )
  app.post(
    '/api/report-thresholds/switch',
    route('reports.read', 'Switches own thresholds on or off', {
      tags,
      body: Type.Object({ ids, enabled: Type.Boolean() }, closed),
      response: { 200: answered },
    }),
    ({ actor, body }) =>
      db.transaction().execute(async (tx) => ({
        ids: await switchThresholds(tx, body.ids, { userId: userOf(actor), enabled: body.enabled }),
      })),
  )
  app.post(
    '/api/report-thresholds/again',
    route('reports.read', 'Sends the last notice of own thresholds again, if it failed', {
      tags,
      body: Type.Object({ ids }, closed),
      response: { 200: answered },
    }),
    ({ actor, body }) =>
      db.transaction().execute(async (tx) => ({ ids: await noticesAgain(tx, body.ids, userOf(actor)) })),
  )
}
