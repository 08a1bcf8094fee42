import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Refund } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { endActionsByHand, retryActions } from '../../core/outbox/actions.ts'
import { claimActions } from '../../core/outbox/claim.ts'
import { decideIntercepts } from '../../fulfilment/shipping/intercept-verbs.ts'
import { unreleaseDeliveries } from '../../fulfilment/shipping/release.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { shipOverRefunds } from '../../orders/refunds/ship-over.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { interceptEnded, printedGivenUp } from '../jobs.ts'
import { intakeActions } from '../outbox.ts'
import { cancelKind, reportCancels } from './cancel-reports.ts'
import { convertRefunds } from './convert-refunds.ts'
import { ingestRefunds } from './ingest-refunds.ts'

const ring = memoryKeyRing()
const log = pino({ level: 'silent' })
/** Fields of a trade that may be shipped; the simulator's other trades may not yet. */
const free = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
const ship = { kind: 'trade.ship', rank: 0, leaseMs: 60_000, lookAfterMs: 0, canLook: true }
const [handler] = intakeActions.filter(({ kind }) => kind === cancelKind)
assert.ok(handler)

for (const platform of ['tmall', 'pinduoduo'] as const) {
  describe(`telling ${platform} whether an order was stopped`, () => {
    let house: ShippingHouse
    before(async () => {
      house = await aShippingHouse(platform)
    })
    after(() => house[Symbol.asyncDispose]())
    beforeEach(async () => {
      await sql`delete from job`.execute(house.db)
      await sql`update platform_action set state = 'withdrawn', next_at = null, lease_until = null
        where state in ('pending', 'sending')`.execute(house.db)
      await switchTo(true)
    })
    const switchTo = (on: boolean) =>
      sql`update shop set settings = settings || jsonb_build_object('reportCancels', ${on}::boolean)`.execute(
        house.db,
      )

    /** The buyer opens a refund; it is downloaded and converted. */
    const asked = async (tid: string, own: Partial<Refund> = {}): Promise<Refund> => {
      const answer = own.refundId ?? (await house.control('refunds', { tid, kind: 'REFUND' }))
      const refundId = own.refundId ?? /"refundId":"(\d+)"/.exec(answer)?.[1] ?? assert.fail(answer)
      const refund: Refund = {
        kind: 'refund',
        refundId,
        tid,
        oid: '',
        refundKind: 'refund_only',
        phase: 'onsale',
        status: 'applied',
        platformStatus: '',
        version: '1795000000000',
        amountFen: 1200,
        quantity: 1,
        title: '',
        spec: '',
        outerId: '',
        reason: '不想要了',
        description: '',
        goodsReceived: 'not_received',
        carrier: '',
        waybillNo: '',
        createdAt: new Date(),
        modifiedAt: new Date(1_795_000_000_000),
        deadline: null,
        buyerNick: '',
        constraint: '',
        ...own,
      }
      await house.run((tx) =>
        ingestRefunds(
          tx,
          ring,
          { shopId: house.shopId, arrived: [{ refund, raw: '{}', detailMissing: false }] },
          systemActor,
        ),
      )
      const staged = await sql<{ id: string }>`
        select id from staged_refund where refund_no = ${refundId} and state = 'staged'`.execute(house.db)
      const ids = staged.rows.map(({ id }) => id)
      await house.run((tx) => convertRefunds(tx, ids, { actor: packer, scope: wholeScope }))
      return refund
    }
    const reports = async ({ refundId }: Refund) =>
      (
        await sql<{ failure: string | null; state: string }>`
          select a.payload ->> 'failure' as failure, a.state from platform_action a join staged_refund r
            on a.subject_type = 'staged_refund' and a.subject_id = r.id::text
          where a.kind = ${cancelKind} and r.refund_no = ${refundId} order by a.id`.execute(house.db)
      ).rows.map(({ failure, state }) => `${failure ?? 'stopped'} ${state}`)
    const decided = async () => {
      const found = await sql<{ data: unknown }>`
        delete from job where name = ${interceptEnded.name} returning data`.execute(house.db)
      const payloads = found.rows.map(({ data }) => data)
      for (const _ of [1, 2])
        if (payloads.length > 0) await interceptEnded.run({ db: house.db, log }, payloads)
    }
    const givenUp = async () => {
      const found = await sql<{ data: unknown }>`
        delete from job where name = ${printedGivenUp.name} returning data`.execute(house.db)
      assert.equal(found.rows.length, 1)
      const payloads = found.rows.map(({ data }) => data)
      for (const _ of [1, 2]) await printedGivenUp.run({ db: house.db, log }, payloads)
    }
    const decide = async (orderId: string, event: 'pull' | 'miss') => {
      const found = await sql<{ id: string }>`
        select id from intercept where order_id = ${orderId} and ended_at is null`.execute(house.db)
      const ids = found.rows.map(({ id }) => id)
      const [outcome] = await house.run((tx) =>
        decideIntercepts(tx, ids, { event }, { actor: packer, scope: wholeScope }),
      )
      assert.equal(outcome?.done, true)
      await decided()
    }
    const sent = async (refund: Refund) => {
      const outbox = house.outbox(handler)
      await until(async () =>
        (await reports(refund)).every((report) => !/pending|sending|unknown/.test(report)),
      )
      await outbox.stop()
    }
    const onPlatform = ({ refundId }: Refund) => house.sandbox.world.shops[0]?.refunds.get(refundId)?.status
    const deeds = ({ refundId }: Refund) =>
      house.sandbox.world.deeds
        .filter(({ action, key }) => action === 'cancel' && key === refundId)
        .map(({ detail }) => detail['status'])

    test('stopped before it was released: the platform hears it and refunds automatically', async () => {
      const { tid } = await house.order(free)
      const refund = await asked(tid)
      assert.deepEqual(await reports(refund), ['stopped pending'])
      await sent(refund)
      assert.deepEqual(await reports(refund), ['stopped succeeded'])
      assert.deepEqual([onPlatform(refund), deeds(refund)], ['SUCCESS', ['SUCCESS']])
    })

    test('stopped while the warehouse has it: its delivery is given up in the same step, and no refund that ends gives it back', async () => {
      const { id, tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      assert.deepEqual(await reports(refund), ['stopped pending'])
      const place = async () => {
        const found = await sql<{ order: string; delivery: string; holds: number; putBack: number }>`
          select o.status as order, d.status as delivery, o.open_holds as holds,
            (select count(*)::int from put_back p where p.delivery_id = d.id) as "putBack"
          from sales_order o join delivery d on d.order_id = o.id where d.id = ${id}`.execute(house.db)
        return found.rows
      }
      const [given] = await place()
      assert.deepEqual([given?.order, given?.delivery, given?.holds], ['confirmed', 'cancelled', 1])
      assert.ok((given?.putBack ?? 0) > 0)
      const by = { actor: packer, scope: wholeScope, request: { ip: '', id: '' } }
      const letThrough = await house.run((tx) => shipOverRefunds(tx, orderId, '买家说不退了', by))
      assert.equal(!letThrough.done && letThrough.code, 'told_stopped')
      await asked(tid, {
        ...refund,
        version: '1795000009000',
        modifiedAt: new Date(1_795_000_009_000),
        status: 'closed',
      })
      const [after] = await place()
      assert.deepEqual([after?.order, after?.delivery, after?.holds], ['confirmed', 'cancelled', 0])
    })

    test('printed, the platform hears its own code for that and pays nothing; taken back, it hears that it is stopped', async () => {
      const { id, tid } = await house.packed(free)
      await sql`update delivery set printed_at = now(), printed_by = '周强' where id = ${id}`.execute(
        house.db,
      )
      const refund = await asked(tid)
      assert.deepEqual(await reports(refund), ['waybill_printed pending'])
      const delivery = async () => (await house.state(id)).delivery
      assert.equal(await delivery(), 'pending')
      await sent(refund)
      const said = house.sandbox.world.deeds
        .filter(({ action, key }) => action === 'cancel' && key === refund.refundId)
        .map(({ detail }) => [detail['status'], detail['code'] ?? detail['msg']])
      const code = platform === 'pinduoduo' ? '1003' : '面单已打印，无法取消发货'
      assert.deepEqual([said, onPlatform(refund)], [[['FAIL', code]], 'WAIT_SELLER_AGREE'])
      // The same version again says nothing new.
      await asked(tid, refund)
      assert.equal((await reports(refund)).length, 1)
      const taken = await house.run((tx) =>
        unreleaseDeliveries(tx, [id], { actor: packer, scope: wholeScope }),
      )
      assert.deepEqual(
        taken.map(({ done }) => done),
        [true],
      )
      await givenUp()
      assert.deepEqual(await reports(refund), ['waybill_printed succeeded', 'stopped pending'])
      await sent(refund)
      assert.deepEqual([await delivery(), onPlatform(refund)], ['cancelled', 'SUCCESS'])
    })

    test('printed and taken back before the report is sent: only that it is stopped is heard', async () => {
      const { id, tid } = await house.packed(free)
      await sql`update delivery set printed_at = now(), printed_by = '周强' where id = ${id}`.execute(
        house.db,
      )
      const refund = await asked(tid)
      await house.run((tx) => unreleaseDeliveries(tx, [id], { actor: packer, scope: wholeScope }))
      await givenUp()
      await sent(refund)
      assert.deepEqual(await reports(refund), ['waybill_printed withdrawn', 'stopped succeeded'])
      assert.deepEqual([onPlatform(refund), deeds(refund)], ['SUCCESS', ['SUCCESS']])
    })

    test('of what a person sends although its refund is open nobody is told that it is stopped', async () => {
      const { tid, orderId } = await house.packed(free)
      await switchTo(false)
      const refund = await asked(tid)
      const by = { actor: packer, scope: wholeScope, request: { ip: '', id: '' } }
      assert.equal((await house.run((tx) => shipOverRefunds(tx, orderId, '买家说不退了', by))).done, true)
      await switchTo(true)
      const found = await sql<{
        id: string
      }>`select id from staged_refund where refund_no = ${refund.refundId}`.execute(house.db)
      await house.run((tx) =>
        reportCancels(
          tx,
          found.rows.map(({ id }) => id),
          packer,
        ),
      )
      assert.deepEqual(await reports(refund), [])
    })

    test('the switch is off: nobody is told', async () => {
      await switchTo(false)
      const { tid } = await house.packed(free)
      assert.deepEqual(await reports(await asked(tid)), [])
    })

    test('once for each version, however often it is applied', async () => {
      const { tid } = await house.packed(free)
      const refund = await asked(tid)
      await asked(tid, refund)
      await asked(tid, { ...refund, amountFen: 1300 })
      assert.deepEqual(await reports(refund), ['stopped pending'])
      const later = { version: '1795000009000', modifiedAt: new Date(1_795_000_009_000) }
      await asked(tid, { ...refund, ...later })
      assert.deepEqual(await reports(refund), ['stopped pending', 'stopped pending'])
    })

    test('closed before it was sent, it is taken back: the platform pays nobody, and asked for anew it is told', async () => {
      const { tid } = await house.packed(free)
      const refund = await asked(tid)
      const closed = {
        version: '1795000009000',
        modifiedAt: new Date(1_795_000_009_000),
        status: 'closed' as const,
      }
      await asked(tid, { ...refund, ...closed })
      assert.deepEqual(await reports(refund), ['stopped withdrawn'])
      // The same version again, and an older one.
      await asked(tid, { ...refund, ...closed })
      await asked(tid, refund)
      assert.deepEqual(await reports(refund), ['stopped withdrawn'])
      const outbox = house.outbox(handler)
      await sleep(300)
      await outbox.stop()
      assert.deepEqual([onPlatform(refund), deeds(refund)], ['WAIT_SELLER_AGREE', []])
      const events = await sql<{ event: string }>`
        select event from refund_event where refund_no = ${refund.refundId} and event like 'cancel%'`.execute(
        house.db,
      )
      assert.deepEqual(events.rows, [{ event: 'cancel_withdrawn' }])
      await asked(tid, { ...refund, version: '1795000019000', modifiedAt: new Date(1_795_000_019_000) })
      assert.deepEqual(await reports(refund), ['stopped withdrawn', 'stopped pending'])
    })

    test('closed while it was on its way in vain, it is not sent again', async () => {
      const { tid } = await house.packed(free)
      const refund = await asked(tid)
      const closed = {
        version: '1795000009000',
        modifiedAt: new Date(1_795_000_009_000),
        status: 'closed' as const,
      }
      let calls = 0
      const outbox = house.outbox({
        ...handler,
        async send() {
          calls += 1
          await asked(tid, { ...refund, ...closed })
          assert.deepEqual(await reports(refund), ['stopped sending'])
          throw new PlatformError('retry', 'down', 'The platform is down.')
        },
      })
      await until(async () => (await reports(refund)).join() === 'stopped withdrawn')
      await sleep(200)
      await outbox.stop()
      assert.deepEqual([calls, onPlatform(refund), deeds(refund)], [1, 'WAIT_SELLER_AGREE', []])
    })

    const again = { version: '1795000009000', modifiedAt: new Date(1_795_000_009_000) }
    const letThrough = async (orderId: string) => {
      const by = { actor: packer, scope: wholeScope, request: { ip: '', id: '' } }
      const outcome = await house.run((tx) => shipOverRefunds(tx, orderId, '买家说不退了', by))
      return outcome.done ? 'done' : outcome.code
    }

    test('told once, it stays told, whatever becomes of a later report', async () => {
      const { tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      await sent(refund)
      await asked(tid, { ...refund, ...again })
      assert.deepEqual(await reports(refund), ['stopped succeeded', 'stopped pending'])
      const latest = { version: '1795000019000', modifiedAt: new Date(1_795_000_019_000) }
      await asked(tid, { ...refund, ...latest, refundKind: 'return' })
      assert.deepEqual(await reports(refund), ['stopped succeeded', 'stopped withdrawn'])
      assert.equal(await letThrough(orderId), 'told_stopped')
    })

    /** The platform answers with these errors, one after the other. */
    const answered = async (refund: Refund, ...errors: PlatformError[]) => {
      const left = [...errors]
      const outbox = house.outbox({
        ...handler,
        lookAfterSeconds: 0,
        async send() {
          throw left.shift() ?? assert.fail('sent once more')
        },
      })
      await until(async () => left.length === 0 && /(failed|succeeded)$/.test((await reports(refund)).join()))
      await outbox.stop()
    }
    const refusal = new PlatformError('rejected', 'not_now', 'Refused.')
    const failedOf = async (refund: Refund) => {
      const found = await sql<{ id: string }>`
        select a.id from platform_action a join staged_refund r on a.subject_id = r.id::text
        where a.kind = ${cancelKind} and a.state = 'failed' and r.refund_no = ${refund.refundId}`.execute(
        house.db,
      )
      return found.rows.map(({ id }) => id)
    }
    const retried = async (refund: Refund) => {
      const ids = await failedOf(refund)
      await house.run((tx) =>
        retryActions(tx, intakeActions, { ids, reason: '再试' }, { actor: packer, scope: wholeScope }),
      )
    }

    test('what the platform refused to hear was not told, and is told no more once a person lets the order leave', async () => {
      const { tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      await answered(refund, refusal)
      assert.deepEqual(await reports(refund), ['stopped failed'])
      assert.equal(await letThrough(orderId), 'done')
      await retried(refund)
      assert.deepEqual(await reports(refund), ['stopped pending'])
      const outbox = house.outbox(handler)
      await until(async () => (await reports(refund)).join() === 'stopped withdrawn')
      await outbox.stop()
      assert.deepEqual([onPlatform(refund), deeds(refund)], ['WAIT_SELLER_AGREE', []])
    })

    test('sent once more while nobody has let it through, it is told, and nobody does any more', async () => {
      const { tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      await answered(refund, refusal)
      await retried(refund)
      await sent(refund)
      assert.deepEqual([await reports(refund), deeds(refund)], [['stopped succeeded'], ['SUCCESS']])
      assert.equal(await letThrough(orderId), 'told_stopped')
    })

    test('refused, and told by a person then, it is told', async () => {
      const { tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      await answered(refund, refusal)
      const ids = await failedOf(refund)
      await house.run((tx) =>
        endActionsByHand(
          tx,
          intakeActions,
          { ids, state: 'forced', reason: '后台已取消' },
          {
            actor: packer,
            scope: wholeScope,
          },
        ),
      )
      assert.deepEqual(await reports(refund), ['stopped forced'])
      assert.equal(await letThrough(orderId), 'told_stopped')
    })

    test('refused after an attempt without an answer, it may have been heard', async () => {
      const { tid, orderId } = await house.packed(free)
      const refund = await asked(tid)
      await answered(refund, new PlatformError('retry', 'timeout', 'No answer.', { unclear: true }), refusal)
      assert.deepEqual(await reports(refund), ['stopped failed'])
      assert.equal(await letThrough(orderId), 'told_stopped')
      // A later answer or withdrawal changes nothing.
      await retried(refund)
      await answered(refund, refusal)
      assert.equal(await letThrough(orderId), 'told_stopped')
      await asked(tid, { ...refund, ...again, refundKind: 'return' })
      assert.deepEqual(await reports(refund), ['stopped withdrawn'])
      assert.equal(await letThrough(orderId), 'told_stopped')
    })

    test('of what has left nothing is said until the warehouse knows: pulled is stopped', async () => {
      const { tid, orderId } = await house.shipped(free)
      const refund = await asked(tid)
      assert.deepEqual(await reports(refund), [])
      await decide(orderId, 'pull')
      assert.deepEqual(await reports(refund), ['stopped pending'])
      await sent(refund)
      assert.equal(onPlatform(refund), 'SUCCESS')
    })

    test('missed is a failure with its code, and no money goes back', async () => {
      const { tid, orderId } = await house.shipped(free)
      const refund = await asked(tid)
      await decide(orderId, 'miss')
      assert.deepEqual(await reports(refund), ['shipped pending'])
      await sent(refund)
      assert.deepEqual(await reports(refund), ['shipped succeeded'])
      assert.deepEqual([onPlatform(refund), deeds(refund)], ['WAIT_SELLER_AGREE', ['FAIL']])
    })

    test('a platform that hears only of stopped goods is told of a pulled parcel, and nothing of a missed one', async () => {
      await switchTo(false)
      const [missed, pulled] = [await house.shipped(free), await house.shipped(free)]
      const refunds = [await asked(missed.tid), await asked(pulled.tid)]
      await decide(missed.orderId, 'miss')
      await decide(pulled.orderId, 'pull')
      await switchTo(true)
      const found = await sql<{ id: string }>`
        select id from staged_refund where refund_no = any(${refunds.map(({ refundId }) => refundId)})`.execute(
        house.db,
      )
      const report = () =>
        house.run((tx) =>
          reportCancels(
            tx,
            found.rows.map(({ id }) => id),
            systemActor,
          ),
        )
      const heard = () => Promise.all(refunds.map(reports))
      const { rows } = await sql<{ platform: string }>`select platform from shop`.execute(house.db)
      const such = connectors.find(({ stoppedOnly }) => stoppedOnly)?.id
      await sql`update shop set platform = ${such}`.execute(house.db)
      await report()
      await sql`update shop set platform = ${rows[0]?.platform}`.execute(house.db)
      assert.deepEqual(await heard(), [[], ['stopped pending']])
      await report()
      assert.deepEqual(await heard(), [['shipped pending'], ['stopped pending']])
    })

    test('in the hands of a sender: too late at once', async () => {
      const { tid } = await house.shipped(free)
      await claimActions(house.db, 'w', [ship], { limit: 50, usualRoom: 50, rooms: [] })
      assert.deepEqual(await reports(await asked(tid)), ['shipped pending'])
    })

    test('what the platform knew to be shipped when the buyer asked is not reported', async () => {
      const packed = await house.shipped(free)
      const outbox = house.outbox()
      await house.settled(packed.id)
      await outbox.stop()
      assert.deepEqual(
        await reports(await asked(packed.tid, { createdAt: new Date(Date.now() + 60_000) })),
        [],
      )
      assert.deepEqual(await reports(await asked(packed.tid, { refundKind: 'return' })), [])
    })
  })
}
