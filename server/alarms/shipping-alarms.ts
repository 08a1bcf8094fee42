import { hourMs } from '../lib/time.ts'
import { parcelsToStop, shipByNear, uncheckedShipments, writeBackLate } from './alarm-queries.ts'
import { type Asked, alarmOf, figure, type Told } from './alarm-words.ts'

/** Milliseconds before the ship-by time at which the alarm begins: enough to pack, or to repair a write-back. */
const nearMs = 4 * hourMs

/** Returns the alarms about shipping: parcels to stop, unchecked shipments, and orders and write-backs whose ship-by time is near. */
export async function shippingAlarms({ db, scope, now }: Asked): Promise<Told[]> {
  const near = await shipByNear(db, scope, nearMs)
  const late = await writeBackLate(db, scope, nearMs)
  const stop = await parcelsToStop(db, scope)
  const unchecked = await uncheckedShipments(db, scope)
  const passed = (since: Date | null) => (since && since < now ? since : null)
  return [
    ...alarmOf(stop, {
      kind: 'parcels_to_stop',
      tone: 'bad',
      title: {
        zh: `${figure(stop.count)} 个包裹要拦`,
        en: `${figure(stop.count)} ${stop.count === 1 ? 'parcel' : 'parcels'} to stop`,
      },
      detail: {
        zh: '退款了，还在路上或仓库里',
        en: 'money is asked back, and they are on their way',
      },
      remedy: 'stop_parcels',
      act: { zh: '去拦', en: 'Go and stop them' },
      to: `/intercepts?tab=all&ids=${stop.ids.join(',')}`,
    }),
    // A warning: the refund check is repeated every twenty seconds, so the user has to do nothing yet.
    ...alarmOf(unchecked, {
      kind: 'parcels_unasked',
      tone: 'warn',
      title: {
        zh: `${figure(unchecked.count)} 个包裹没核退款就发了`,
        en: `${figure(unchecked.count)} ${unchecked.count === 1 ? 'parcel' : 'parcels'} left without asking for refunds`,
      },
      detail: {
        zh: '平台没有回答，一直在问；有退款马上拦',
        en: 'the platform did not answer and is asked again; a refund begins an intercept',
      },
      remedy: 'see_deliveries',
      act: { zh: '看包裹', en: 'See them' },
      to: '/deliveries?tab=shipped&unasked=waiting',
    }),
    ...alarmOf(late, {
      kind: 'write_back_late',
      tone: 'bad',
      since: passed(late.since),
      title: passed(late.since)
        ? {
            zh: `${figure(late.count)} 单发了货没回写，时限已过或快到`,
            en: `${figure(late.count)} shipped but not written back, time is over or short`,
          }
        : {
            zh: `${figure(late.count)} 单发了货没回写，时限快到`,
            en: `${figure(late.count)} shipped but not written back, time is short`,
          },
      detail: {
        zh: '平台看不到发货会判迟发',
        en: 'the platform does not see them shipped and will fine them',
      },
      remedy: 'see_deliveries',
      act: { zh: '去回写', en: 'Go and write back' },
      to: `/deliveries?tab=shipped&writeBack=waiting,failed&shipByTo=${encodeURIComponent(new Date(now.getTime() + nearMs).toISOString())}&sort=shipBy`,
    }),
    ...alarmOf(near, {
      kind: 'ship_by_near',
      tone: 'warn',
      since: passed(near.since),
      title: passed(near.since)
        ? {
            zh: `${figure(near.count)} 单已过发货时限或 4 小时内要发货`,
            en: `${figure(near.count)} past their ship-by time or to ship within 4 h`,
          }
        : {
            zh: `${figure(near.count)} 单 4 小时内要发货`,
            en: `${figure(near.count)} to ship within 4 h`,
          },
      detail: { zh: '还没有发出', en: 'not shipped yet' },
      remedy: 'see_orders',
      act: { zh: '去发货', en: 'Go and ship' },
      to: `/orders?tab=all&ids=${near.ids.join(',')}`,
    }),
  ]
}
