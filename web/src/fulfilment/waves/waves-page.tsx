import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { waveStatusWords } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { waveList } from '../../../../server/fulfilment/waves/lists-contract.ts'
import { post } from '../../api.ts'
import { PageActs } from '../../ui/act/acts.tsx'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError } from '../../ui/base/empty.tsx'
import { Countdown, count } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed, warehousesQuery } from '../../ui/base/session.ts'
import { Status } from '../../ui/base/status.tsx'
import { browserSetting } from '../../ui/base/store.ts'
import { useUrlState } from '../../ui/list/search-params.ts'
import { PageHead, Tabs } from '../../ui/list/tabs.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import { Board, columns, toneOf } from './board.tsx'
import { countsOf, rulesOf, useWaves, workOf } from './query.ts'
import { ruleNameOf } from './rule-name.ts'
import { Rules } from './rules.tsx'
import { RulesDialog } from './rules-dialog.tsx'
import type { Wave } from './types.ts'
import { WavePanel } from './wave-panel.tsx'
import './waves.css'

const tabKeys = ['running', 'today', 'stopped', 'all'] as const
type TabKey = (typeof tabKeys)[number]
const tabs = tabKeys.map((key) => ({ key, title: waveList.tabs[key].words }))
const planWords: LocalizedPair = ['建波次', 'Make waves']

/** The warehouse that the user looked at last in this browser: most people work in one. */
const lastWarehouse = browserSetting('waves.warehouse', '')

/** 波次: the rules that make waves, the waves by status, and beside them the one that is open. */
export default function WavesPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const tab: TabKey = tabKeys.find((key) => key === search['tab']) ?? 'running'
  const warehouses = useQuery(warehousesQuery).data?.rows.filter(({ active }) => active) ?? []
  const last = lastWarehouse.use()
  const usual = warehouses.find(({ id }) => id === last) ?? warehouses[0]
  const warehouseId = search['warehouse'] ?? usual?.id ?? ''
  const chosen = search['open'] ?? ''
  const [isEditing, setEditing] = useState(false)
  const counts = useQuery({ ...countsOf(warehouseId), enabled: warehouseId !== '' }).data?.tabs
  const found = useWaves(tab, warehouseId)
  const finished = useWaves('today', warehouseId, tab === 'running')
  const rules = useQuery(rulesOf(warehouseId)).data
  const rows = [...(found.rows ?? []), ...(tab === 'running' ? (finished.rows ?? []) : [])]
  const open = (id: string) => setSearch({ open: id })
  return (
    <div className="page">
      <PageHead
        title={say(['波次', 'Waves'])}
        tabs={
          <Tabs
            label={say(['波次', 'Waves'])}
            tabs={tabs}
            value={tab}
            counts={counts}
            onChange={(key) => setSearch({ tab: key === 'running' ? '' : key, open: '' })}
          />
        }
      >
        <PlanAct warehouseId={warehouseId} />
      </PageHead>
      <div className="waves">
        <div className="waves-main">
          <div className="waves-query">
            <select
              className="input"
              aria-label={say(['仓库', 'Warehouse'])}
              value={warehouseId}
              onChange={(event) => {
                lastWarehouse.set(event.target.value)
                setSearch({ warehouse: event.target.value, open: '' })
              }}
            >
              {warehouses.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
            <Today warehouseId={warehouseId} waiting={rules?.waiting} />
          </div>
          {found.error && <LoadError error={found.error} onRetry={found.again} />}
          {tab === 'running' ? (
            <>
              {rules && (
                <Rules
                  warehouseId={warehouseId}
                  rules={rules.rows}
                  unmatched={rules.unmatched}
                  onEdit={() => setEditing(true)}
                />
              )}
              <Board waves={rows} isPart={found.more !== undefined} chosen={chosen} onChoose={open} />
              <BoardKeys waves={rows} chosen={chosen} onChoose={open} />
            </>
          ) : (
            found.rows && <Table tab={tab} waves={rows} chosen={chosen} onChoose={open} />
          )}
          {found.more && (
            <p>
              <Button busy={found.busy} onClick={found.more}>
                {say(['更多波次', 'More waves'])}
              </Button>
            </p>
          )}
        </div>
        {chosen !== '' && <WavePanel key={chosen} id={chosen} onClose={() => setSearch({ open: '' })} />}
      </div>
      {isEditing && rules && (
        <RulesDialog warehouseId={warehouseId} rules={rules.rows} onClose={() => setEditing(false)} />
      )}
    </div>
  )
}

function PlanAct({ warehouseId }: { warehouseId: string }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('fulfilment.ship')
  const plan = useMutation({
    mutationFn: () => post('/waves/plan', { warehouseId }),
    onSuccess: ({ waves, orders, kept = 0 }) => {
      if (kept > 0)
        toast(
          'ok',
          say(
            [
              '{n} 单的货已在篮里，不用再拣，算拣好',
              '{n} {n|parcel has|parcels have} all goods in baskets: picked',
            ],
            { n: kept },
          ),
        )
      if (waves === 0 && kept === 0)
        toast('idle', say(['没有够建波次的单', 'Too few parcels wait for a wave']))
      if (waves > 0)
        toast(
          'ok',
          say(['建了 {waves} 个波次，{orders} 单', '{waves} waves made of {orders} parcels'], {
            waves,
            orders,
          }),
        )
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  const run = () => plan.isPending || warehouseId === '' || plan.mutate()
  return <PageActs acts={[{ name: 'plan', words: planWords, letter: 'N', primary: true, why, run }]} />
}

/** How much waits, and who picked how much today. */
function Today({ warehouseId, waiting }: { warehouseId: string; waiting: number | undefined }) {
  const say = useSay()
  const work = useQuery(workOf(warehouseId)).data?.rows ?? []
  const pieces = work.reduce((sum, row) => sum + row.pieces, 0)
  return (
    <span
      className="push t2"
      title={work
        .map((row) =>
          say(['{name} {pieces} 件', '{name} {pieces} {pieces|pc|pcs}'], {
            name: row.name,
            pieces: count(row.pieces),
          }),
        )
        .join('\n')}
    >
      {say(
        [
          '在等 {waiting} 单 · 今天拣 {pieces} 件 · {n} 人',
          '{waiting} waiting · {pieces} {pieces|pc|pcs} picked today by {n} {n|person|people}',
        ],
        {
          waiting: count(waiting ?? 0),
          pieces: count(pieces),
          n: work.length,
        },
      )}
    </span>
  )
}

function BoardKeys(props: { waves: readonly Wave[]; chosen: string; onChoose: (id: string) => void }) {
  const inColumns = columns.map((status) => props.waves.filter((wave) => wave.status === status))
  const at = inColumns.findIndex((rows) => rows.some(({ id }) => id === props.chosen))
  const column = inColumns[at] ?? []
  const row = column.findIndex(({ id }) => id === props.chosen)
  const wave = column[row]
  const go = (to: Wave | undefined) => to && props.onChoose(to.id)
  const down = () => go(wave ? column[row + 1] : inColumns.flat()[0])
  const across = (by: number) => {
    const columnsBeyond = by > 0 ? inColumns.slice(at + 1) : inColumns.slice(0, Math.max(0, at)).toReversed()
    const beside = columnsBeyond.find((rows) => rows.length > 0)
    go(beside?.[Math.min(Math.max(row, 0), (beside?.length ?? 1) - 1)])
  }
  useKeys([
    { key: 'j', words: ['下一个波次', 'next wave'], run: down },
    { key: 'k', words: ['上一个波次', 'previous wave'], run: () => go(column[row - 1]) },
    { key: 'ArrowDown', run: down },
    { key: 'ArrowUp', run: () => go(column[row - 1]) },
    { key: 'ArrowRight', words: ['右边一列', 'column to the right'], run: () => across(1) },
    { key: 'ArrowLeft', words: ['左边一列', 'column to the left'], run: () => across(-1) },
  ])
  return null
}

function Table(props: {
  tab: TabKey
  waves: readonly Wave[]
  chosen: string
  onChoose: (id: string) => void
}) {
  const say = useSay()
  const name = useCourierName()
  const declared = waveList.tabs[props.tab]
  if (props.waves.length === 0)
    return (
      <Empty
        title={say('empty' in declared ? declared.empty.title : ['没有波次', 'No waves'])}
        remedy={say('empty' in declared ? declared.empty.remedy : ['这里还没有。', 'Nothing is here yet.'])}
      />
    )
  return (
    <div className="scroll">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['波次', 'Wave'])}</th>
            <th>{say(['状态', 'Status'])}</th>
            <th>{say(['规则 · 快递', 'Rule · courier'])}</th>
            <th className="right">{say(['单', 'Parcels'])}</th>
            <th className="right">{say(['已拣 / 件', 'Picked / pieces'])}</th>
            <th className="right">{say(['拦下', 'Stopped'])}</th>
            <th>{say(['拣货人', 'Picker'])}</th>
            <th className="right">{say(['最急', 'Most urgent'])}</th>
          </tr>
        </thead>
        <tbody>
          {props.waves.map((wave) => (
            <tr key={wave.id} aria-selected={wave.id === props.chosen}>
              <td>
                <button type="button" className="link num" onClick={() => props.onChoose(wave.id)}>
                  {wave.no}
                </button>
              </td>
              <td>
                <Status tone={toneOf[wave.status]}>{say(waveStatusWords[wave.status])}</Status>
              </td>
              <td className="cut">
                {[ruleNameOf(wave, say), name(wave.courier)].filter(Boolean).join(' · ')}
              </td>
              <td className="right num">{count(wave.orderCount)}</td>
              <td className="right num">{`${count(wave.picked)} / ${count(wave.toPick)}`}</td>
              <td className="right num">{wave.stopped > 0 ? count(wave.stopped) : ''}</td>
              <td>{wave.claimedBy ?? ''}</td>
              <td className="right">
                <Countdown to={wave.shipBy} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
