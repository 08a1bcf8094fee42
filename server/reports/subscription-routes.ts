import Type from 'typebox'
import { channelKinds } from '../alarms/notices/contract.ts'
import { audit } from '../core/access/audit.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idSchema, nullable } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { robotsOn } from './deliver.ts'
import { askedOf, measureOf } from './figures.ts'
import { reportNames } from './report-rules.ts'
import { assertInScope, assertRobot, userOf } from './subscriber.ts'
import {
  insertSubscription,
  subscriptionsOf,
  switchSubscriptions,
  takeBackMails,
} from './subscription-queries.ts'

const tags = ['reports']
const closed = { additionalProperties: false }
const settings = {
  report: oneOf(reportNames),
  /** The rows and the figure of the report, as its page has them. */
  rows: Type.String({ maxLength: 20 }),
  by: Type.String({ maxLength: 30 }),
  /** Null: all shops of the user. */
  shop: nullable(idSchema),
  every: oneOf(['day', 'week', 'month']),
  /** The hour in China. */
  hour: Type.Integer({ minimum: 0, maximum: 23 }),
  language: oneOf(['zh', 'en']),
}
/** The robot of a group chat that gets it; null: the user's mailbox. */
const channel = nullable(idSchema)
const subscription = Type.Object({
  id: idSchema,
  ...settings,
  channel,
  report: Type.String(),
  every: Type.String(),
  language: Type.String(),
  enabled: Type.Boolean(),
  /** Its last mail or message; null: none is due yet. */
  last: nullable(
    Type.Object({
      ...{ period: Type.String(), state: Type.String(), error: Type.String() },
      /** When it is sent again by itself; null: it was sent, or its user decides. */
      again: nullable(Type.String()),
    }),
  ),
})
const ids = Type.Array(idSchema, { minItems: 1, maxItems: 200, uniqueItems: true })
const answered = Type.Object({ ids: Type.Array(idSchema) })

const robot = Type.Object({ id: idSchema, kind: oneOf(channelKinds), name: Type.String() })

/** 订阅: each user's own reports by mail or in group chats. */
export const subscriptionRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/report-subscriptions',
    route('reports.read', 'The own subscriptions of reports', {
      tags,
      response: { 200: Type.Object({ rows: Type.Array(subscription), robots: Type.Array(robot) }) },
    }),
    async ({ actor }) => ({
      rows: (await subscriptionsOf(db, userOf(actor))).map(
        ({ userId: _, rowKind: rows, measure: by, shopId: shop, channelId: channel, ...row }) => ({
          ...{ ...row, rows, by, shop, channel },
        }),
      ),
      robots: await robotsOn(db),
    }),
  )
  app.post(
    '/api/report-subscriptions',
    route(
      'reports.read',
      'Subscribes to a report by mail or in a group chat',
      {
        tags,
        body: Type.Object({ ...settings, channel: Type.Optional(channel) }, closed),
        /** `made`: false if the user has the same subscription already, which is on now. `resumed`: it was off. */
        response: { 200: Type.Object({ id: idSchema, made: Type.Boolean(), resumed: Type.Boolean() }) },
      },
      ['outside_scope'],
    ),
    async ({ actor, scope, body, ip, id: requestId }) => {
      const userId = userOf(actor)
      const { rows, by, shop, channel = null, ...kept } = body
      const day = '2026-01-01'
      measureOf(askedOf({ report: body.report, from: day, to: day, rows }, scope), by)
      assertInScope(scope, shop)
      await assertRobot(db, channel)
      return db.transaction().execute(async (tx) => {
        const row = { ...kept, userId, rowKind: rows, measure: by, shopId: shop, channelId: channel }
        const subscribed = await insertSubscription(tx, row)
        const { id, made } = subscribed
        if (made)
          await audit(tx, {
            ...{ actor, action: 'report.subscribe', subject: { type: 'report_subscription', id } },
            ...{ detail: { report: body.report, every: body.every }, request: { ip, id: requestId } },
          })
        return subscribed
      })
    },
  )
  app.post(
    '/api/report-subscriptions/switch',
    route('reports.read', 'Switches own subscriptions on or off', {
      tags,
      body: Type.Object({ ids, enabled: Type.Boolean() }, closed),
      response: { 200: answered },
    }),
    ({ actor, body }) =>
      db.transaction().execute(async (tx) => ({
        ids: await switchSubscriptions(tx, body.ids, { userId: userOf(actor), enabled: body.enabled }),
      })),
  )
  app.post(
    '/api/report-subscriptions/again',
    route('reports.read', 'Sends the last mail or message of own subscriptions again, if it failed', {
      tags,
      body: Type.Object({ ids }, closed),
      response: { 200: answered },
    }),
    ({ actor, body }) =>
      db.transaction().execute(async (tx) => ({ ids: await takeBackMails(tx, body.ids, userOf(actor)) })),
  )
}
