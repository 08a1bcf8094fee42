import { useQuery } from '@tanstack/react-query'
import {
  countStateWords,
  type CountState as SkuState,
} from '../../../server/inventory/counting/count-rules.ts'
import { get } from '../api.ts'
import { useActions } from '../ui/act/actions.ts'
import { Acts } from '../ui/act/acts.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { Tip } from '../ui/overlay/tip.tsx'
import { useSay } from '../words.ts'
import { CountState, Differing, DocumentLink, endCount } from './count-tasks.tsx'
import './inventory.css'
import { Change, SkuCell } from './sku.tsx'
import type { CountResults, CountRow } from './types.ts'

export default function CountDrawer({
  rows,
  step,
  onClose,
}: {
  rows: readonly CountRow[]
  step: (by: number) => void
  onClose: () => void
}) {
  const say = useSay()
  const [search] = useUrlState()
  const id = search['open'] ?? ''
  const found = useQuery({
    queryKey: ['/count-tasks', id, 'results'],
    queryFn: () => get('/count-tasks/:id/results', { id }),
  })
  const { data } = found
  return (
    <Drawer
      label={say(['盘点 {no}', 'Count {no}'], { no: data?.task.no ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        data && (
          <>
            <h2>{data.task.no}</h2>
            <CountState task={data.task} />
          </>
        )
      }
      foot={data && <CountActs key={data.task.id} task={data.task} />}
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {data && (
        <div className="drawer-body one">
          <div className="drawer-main">
            <Facts task={data.task} />
            <Skus results={data} />
          </div>
        </div>
      )}
    </Drawer>
  )
}

function CountActs({ task }: { task: CountRow }) {
  const actions = useActions<CountRow>(() => undefined)
  return (
    <>
      <Acts acts={[actions.actOf(endCount, task)]} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[task]} nameOf={(each) => each.no} />
    </>
  )
}

function Facts({ task }: { task: CountRow }) {
  const say = useSay()
  return (
    <dl className="fact-grid">
      <dt>{say(['仓库', 'Warehouse'])}</dt>
      <dd>{task.warehouseName}</dd>
      <dt>{say(['数了', 'Counted'])}</dt>
      <dd>
        {say(['{done} / {lines} 处', '{done} / {lines} places'], {
          done: task.lines - task.left,
          lines: task.lines,
        })}
      </dd>
      <dt>{say(['差异', 'Difference'])}</dt>
      <dd>
        <Differing task={task} />
      </dd>
      <dt>{say(['盘点单', 'Stock-take'])}</dt>
      <dd>
        <DocumentLink task={task} />
      </dd>
      <dt>{say(['开始', 'Begun'])}</dt>
      <dd>
        {task.createdBy} <Time at={task.createdAt} />
      </dd>
      <dt>{say(['结束', 'Ended'])}</dt>
      <dd>
        {task.endedBy} <Time at={task.endedAt} />
      </dd>
    </dl>
  )
}

const tones: Record<SkuState, Tone> = {
  second: 'warn',
  differs: 'bad',
  first: 'ring',
  left_out: 'void',
  matches: 'ok',
}
const ranks = Object.keys(tones)

/** The SKUs of the task. Those that need a person come first. */
function Skus({ results: { task, skus } }: { results: CountResults }) {
  const say = useSay()
  const sorted = skus.toSorted((one, other) => ranks.indexOf(one.state) - ranks.indexOf(other.state))
  return (
    <Section title={say(['商品', 'Goods'])} aside={say(['{n} 种', '{n} {n|SKU|SKUs}'], { n: task.skus })}>
      {task.left > 0 && (
        <p className="t2">
          {say([
            '还要数的不显示数量：盘点是盲盘。',
            'Quantities of what is still to be counted are not shown: counting is blind.',
          ])}
        </p>
      )}
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['商品 / 商家编码', 'Goods / code'])}</th>
            <th>{say(['谁数的', 'Counted by'])}</th>
            <th className="right">{say(['应有', 'Expected'])}</th>
            <th className="right">{say(['实盘', 'Counted'])}</th>
            <th className="right">{say(['差异', 'Difference'])}</th>
            <th>{say(['情况', 'State'])}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((sku) => (
            <tr key={sku.skuId}>
              <td>
                <SkuCell sku={sku} />
              </td>
              <td>
                {sku.places.map((place) => (
                  <PlaceCounts key={place.bin} place={place} />
                ))}
              </td>
              <td className="right">
                <Expected sku={sku} />
              </td>
              <td className="right">{sku.counted === null ? '–' : count(sku.counted)}</td>
              <td className="right">
                {sku.state === 'differs' ? (
                  <b>
                    <Change by={sku.difference ?? 0} />
                  </b>
                ) : (
                  <span className="t3">–</span>
                )}
              </td>
              <td>
                <Status tone={tones[sku.state]}>{say(countStateWords[sku.state])}</Status>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

/** "7–10": three of ten pieces may be in parcels already. */
function Expected({ sku: { expected, maybePacked } }: { sku: CountResults['skus'][number] }) {
  const say = useSay()
  if (expected === null) return '–'
  if (maybePacked === 0) return count(expected)
  const text = say(
    ['{n} 件可能已经在没记拣货的包裹里', '{n} {n|piece|pieces} may be in parcels whose picking is not noted'],
    { n: maybePacked },
  )
  return (
    <Tip text={text}>
      <span className="num">{`${count(Math.max(0, expected - maybePacked))}–${count(expected)}`}</span>
    </Tip>
  )
}

/** "A-01 · 第一遍 3 林晓 11:02" */
function PlaceCounts({ place: { bin, counts } }: { place: CountResults['skus'][number]['places'][number] }) {
  const say = useSay()
  return (
    <div>
      <span className="num medium">{bin || say(['没有库位', 'No bin'])}</span>
      {counts.map(({ round, quantity, countedBy, countedAt }) => (
        <div key={round} className="small t2">
          {say(round === 1 ? ['第一遍', 'First'] : ['第二遍', 'Second'])}{' '}
          {quantity !== null && <span className="num">{count(quantity)} </span>}
          {countedBy} <Time at={countedAt} />
        </div>
      ))}
      {counts.length === 0 && <div className="small t3">{say(['还没数', 'Not counted yet'])}</div>}
    </div>
  )
}
