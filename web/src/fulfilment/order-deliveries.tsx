import { useQuery } from '@tanstack/react-query'
import { deliveryStatusWords, writeBackWords } from '../../../server/fulfilment/lifecycle.ts'
import { whyNotChanged } from '../../../server/fulfilment/write-back/change-rules.ts'
import { get } from '../api.ts'
import { type RowAction, useActions } from '../ui/act/actions.ts'
import { Button } from '../ui/base/button.tsx'
import { every } from '../ui/base/every.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { deliveryActions, deliveryState, packagesText } from './deliveries.tsx'
import { ParcelState } from './parcel-state.tsx'
import { useCourierName } from './query.ts'
import type { DeliveryRow } from './types.ts'
import { changeWaybill } from './waybill-change/change-waybill.tsx'
import { usePlatformRefusal } from './waybill-change/platform-refusal.ts'
import { withShown } from './waybill-change/shown.ts'

/** Returns the deliveries of an order; undefined until they were read, and for a user who may not read them. */
export function useDeliveriesOf(orderId: string): readonly DeliveryRow[] | undefined {
  const why = useAllowed()('fulfilment.read')
  const found = useQuery({
    queryKey: ['/deliveries', 'of', orderId],
    queryFn: () => get('/deliveries', { tab: 'all', orderId }),
    enabled: why === undefined,
    refetchInterval: every(5000),
  })
  return found.data?.rows
}

/**
 * The deliveries of an order and the state of its write-back, with commands. `writesNothingBack`: nothing is written back, because the order is
 * off-platform, record-only or voided.
 */
export function OrderDeliveries({
  orderId,
  writesNothingBack,
}: {
  orderId: string
  writesNothingBack: boolean
}) {
  const say = useSay()
  const rows = useDeliveriesOf(orderId)
  // An order whose deliveries were not read may have been written back.
  if (!rows && !writesNothingBack) return null
  const live = rows?.find((row) => row.status !== 'cancelled')
  return (
    <>
      {rows?.map((row) => (
        <DeliveryEntry key={row.id} row={row} />
      ))}
      <dt className="t3">{say(['回写', 'Write-back'])}</dt>
      <dd>
        {writesNothingBack ? (
          <Status tone="idle">{say(writeBackWords.none)}</Status>
        ) : live?.status === 'shipped' ? (
          <WriteBack row={live} />
        ) : (
          <Status tone="ring">
            {say(['未到', 'Not yet'])} <span className="t3">{say(['发货后自动回写', 'after shipping'])}</span>
          </Status>
        )}
      </dd>
    </>
  )
}

function DeliveryEntry({ row }: { row: DeliveryRow }) {
  const say = useSay()
  const name = useCourierName()
  const tone = row.status === 'shipped' ? 'ok' : row.status === 'pending' ? 'move' : 'void'
  // A delivery that gets no number says so here too.
  const stuck = row.numberState === 'failed' || row.numberRefusal ? deliveryState(row, say) : undefined
  return (
    <>
      <dt className="t3">{say(['发货单', 'Delivery'])}</dt>
      <dd>
        <PageLink to="/deliveries" search={{ tab: 'all', orderId: row.orderId }}>
          {row.no}
        </PageLink>
        <div className="small">
          {stuck?.first ?? <Status tone={tone}>{say(deliveryStatusWords[row.status])}</Status>}
          {stuck?.second && <div className="t2">{stuck.second}</div>}
          {row.waybillNo && <div className="t3">{`${name(row.courier)} ${row.waybillNo}`}</div>}
          <Packages row={row} />
          {row.serials.length > 0 && (
            <div className="t3 num">
              {say(['串号 {list}', 'Serial {n|number|numbers} {list}'], {
                n: row.serials.length,
                list: row.serials.join(' '),
              })}
            </div>
          )}
          <ParcelState row={row} />
        </div>
      </dd>
    </>
  )
}

/** The packages of a delivery with their sub-numbers, and the button that says how many there are. */
function Packages({ row }: { row: DeliveryRow }) {
  const say = useSay()
  const actions = useActions<DeliveryRow>(() => undefined)
  const { name, words, why, permission } = deliveryActions.packages
  return (
    <>
      {row.packageCount > 1 && (
        <div className="t3">
          {[packagesText(row, say), ...row.packageNos].join(' ')}
          {row.packagesLeft > 0 &&
            ` ${say(['还差 {left} 个没扫', '{left} not scanned'], { left: row.packagesLeft })}`}
        </div>
      )}
      {row.status === 'pending' && (
        <div>
          <Button
            size="small"
            action={name}
            why={actions.allowed(permission) ?? why?.(row, say)}
            onClick={() => actions.start(deliveryActions.packages, [row])}
          >
            {say(words)}
          </Button>
        </div>
      )}
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
    </>
  )
}

const settling = (
  path: '/platform-actions/force' | '/platform-actions/manual',
  words: LocalizedPair,
  done: LocalizedPair,
): RowAction<{ id: string }> => ({
  path,
  words,
  permission: 'actions.write',
  done,
  input: (props) => (
    <ReasonDialog
      title={words}
      act={words}
      count={props.count}
      onSubmit={(reason) => props.onSubmit({ reason })}
      onClose={props.onClose}
    />
  ),
})
const force = settling('/platform-actions/force', ['强制成功', 'Say it is done'], ['已强制成功', 'Settled'])
const manual = settling(
  '/platform-actions/manual',
  ['手工完成', 'Done by hand'],
  ['已记为手工完成', 'Noted as done by hand'],
)

/** The state of a delivery's write-back, with buttons to send it again, to declare it done (强制成功), or to end it by hand (手工完成). */
function WriteBack({ row }: { row: DeliveryRow }) {
  const say = useSay()
  const deliveries = useActions<DeliveryRow>(() => undefined)
  const actions = useActions<{ id: string }>(() => undefined)
  const { first, second } = withShown(deliveryState(row, say), row, say)
  const whyNotChange = whyNotChanged(row)
  const cannot = usePlatformRefusal(row)
  const open = row.actionState === 'failed' || row.actionState === 'unknown'
  const action = { id: row.actionId ?? '' }
  const forbidden = actions.allowed('actions.write')
  return (
    <>
      {first}
      {second && <div className="small t2">{second}</div>}
      {(open || row.actionState === 'manual') && (
        <div className="row small">
          <Button
            size="small"
            why={deliveries.allowed('fulfilment.ship')}
            onClick={() => deliveries.start(deliveryActions.again, [row])}
          >
            {say(deliveryActions.again.words)}
          </Button>
          {row.errorCode === 'other_waybill' && row.platformWaybill !== '' && (
            <Button
              size="small"
              why={deliveries.allowed('fulfilment.ship')}
              onClick={() => deliveries.start(deliveryActions.takeWaybill, [row])}
            >
              {say(deliveryActions.takeWaybill.words)}
            </Button>
          )}
          {(open ? [force, manual] : [force]).map((each) => (
            <Button
              key={each.path}
              size="small"
              why={forbidden}
              onClick={() => actions.start(each, [action])}
            >
              {say(each.words)}
            </Button>
          ))}
        </div>
      )}
      <div className="row small">
        <Button
          size="small"
          why={deliveries.allowed('fulfilment.ship') ?? cannot ?? (whyNotChange && say(whyNotChange.message))}
          onClick={() => deliveries.start(changeWaybill, [row])}
        >
          {say(changeWaybill.words)}
        </Button>
      </div>
      <ListDialogs actions={deliveries} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
      <ListDialogs actions={actions} batch={undefined} rows={[action]} nameOf={() => row.no} />
    </>
  )
}
