import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { parcelStatusWords, returnStatusWords, whyNotParcel } from '../../../server/returns/lifecycle.ts'
import { get, post } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { useActions } from '../ui/act/actions.ts'
import { type Act, Acts } from '../ui/act/acts.tsx'
import { outcomeText } from '../ui/act/batch-words.ts'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../words.ts'
import { stockParcel } from './parcels.tsx'
import { returnTones } from './returns.tsx'
import type { Candidates, ParcelRow } from './types.ts'
import '../inventory/inventory.css'

type Props = { row: ParcelRow; at: number; total: number; step: (by: number) => void; onClose: () => void }

/** An unclaimed parcel: its goods, and the returns that it may belong to, with the reasons. */
export default function ParcelDrawer({ row, at, total, step, onClose }: Props) {
  const say = useSay()
  return (
    <Drawer
      label={say(['无主件 {no}', 'Parcel {no}'], { no: row.no })}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={
        <>
          <h2>{row.no}</h2>
          <Status tone={row.status === 'claimed' ? 'ok' : 'warn'}>
            {say(parcelStatusWords[row.status])}
          </Status>
          <span className="t2 small cut">{row.warehouseName}</span>
        </>
      }
      foot={<ParcelActs key={row.id} row={row} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">
          <dl className="fact-grid">
            <dt>{say(['运单', 'Waybill'])}</dt>
            <dd>{row.waybillNo || '–'}</dd>
            <dt>{say(['登记', 'Registered'])}</dt>
            <dd>
              {nearTime(row.createdAt)} {row.createdBy}
            </dd>
            <dt>{say(['备注', 'Note'])}</dt>
            <dd className="wide">{row.note || '–'}</dd>
          </dl>
          <Section title={say(['商品', 'Goods'])}>
            <table className="plain-table">
              <tbody>
                {row.lines.map((line) => (
                  <tr key={line.code}>
                    <td>
                      {line.code}{' '}
                      <span className="t2">{[line.name, line.spec].filter(Boolean).join(' · ')}</span>
                    </td>
                    <td className="right">
                      {say(['良品 {good}，次品 {defective}', '{good} good, {defective} defective'], {
                        good: count(line.good),
                        defective: count(line.defective),
                      })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Section>
          {row.status === 'claimed' ? (
            <p>
              <PageLink to="/returns" search={{ tab: 'all', q: row.returnNo, open: row.returnId ?? '' }}>
                {row.returnNo}
              </PageLink>
            </p>
          ) : (
            <Whose row={row} />
          )}
        </div>
      </div>
    </Drawer>
  )
}

const candidatesOf = (id: string) => ({
  queryKey: ['/unclaimed-parcels', id, 'candidates'],
  queryFn: () => get('/unclaimed-parcels/:id/candidates', { id }),
})

function Whose({ row }: { row: ParcelRow }) {
  const say = useSay()
  const found = useQuery(candidatesOf(row.id))
  const claim = useClaim(row)
  const why = useAllowed()('returns.receive')
  return (
    <Section title={say(['可能是', 'It may be'])}>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.rows.length === 0 && (
        <Empty
          title={say(['没有像的退货单', 'No similar return'])}
          remedy={say([
            '买家申请后会自动对上；知道是哪张订单，就用这个运单号新建退货单。',
            'Once the buyer applies it is matched; if you know the order, make a return with this waybill.',
          ])}
        />
      )}
      <table className="plain-table">
        <tbody>
          {found.data?.rows.map((one) => (
            <tr key={one.id}>
              <td>
                <PageLink to="/returns" search={{ tab: 'all', q: one.no, open: one.id }}>
                  {one.no}
                </PageLink>
                <div className="t2 small">
                  <ShopLabel id={one.shopId} short /> {one.orderNo}
                </div>
              </td>
              <td>
                <Status tone={returnTones[one.status]}>{say(returnStatusWords[one.status])}</Status>
              </td>
              <td>{reasonsOf(one, say)}</td>
              <td className="right">
                <Button size="small" why={why} busy={claim.isPending} onClick={() => claim.mutate(one.id)}>
                  {say(['认领', 'Claim'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function reasonsOf(one: Candidates['rows'][number], say: Say): string {
  return [
    one.byWaybill && say(['运单相同', 'same waybill']),
    one.byPhone && say(['电话相同', 'same phone']),
    one.goods > 0 && say(['{n} 种商品相同', '{n} {n|SKU|SKUs} in common'], { n: one.goods }),
  ]
    .filter(Boolean)
    .join(say(['，', ', ']))
}

function useClaim(row: ParcelRow) {
  const say = useSay()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (returnId: string) =>
      post('/unclaimed-parcels/claim', {
        claims: [{ parcelId: row.id, returnId }],
      }),
    onSuccess: ({ results: [one] }) => {
      if (one?.done === false) toast('bad', outcomeText(one, say))
      else toast('ok', say(['已认领 {no}', 'Claimed {no}'], { no: row.no }))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
}

function ParcelActs({ row }: { row: ParcelRow }) {
  const say = useSay()
  const actions = useActions<ParcelRow>(() => undefined)
  const claim = useClaim(row)
  const refusal = whyNotParcel(row.status, 'claim')
  const [first] = useQuery({ ...candidatesOf(row.id), enabled: !refusal }).data?.rows ?? []
  const acts: Act[] = [
    {
      name: 'claim-first',
      words: ['认领第一张', 'Claim the first'],
      letter: 'C',
      primary: true,
      why:
        actions.allowed('returns.receive') ??
        (refusal ? say(refusal.message) : first ? undefined : say(['没有像的退货单', 'No similar return'])),
      run: () => first && claim.mutate(first.id),
    },
    actions.actOf(stockParcel, row),
  ]
  return (
    <>
      <Acts acts={acts} busy={actions.busy || claim.isPending} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
    </>
  )
}
