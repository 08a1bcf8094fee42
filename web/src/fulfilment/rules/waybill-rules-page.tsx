import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { faultOf, type WaybillRule } from '../../../../server/fulfilment/waybills/account-rules.ts'
import { errorText, get, post, put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError, Note } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { PageHead } from '../../ui/list/tabs.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { DryRunPanel } from '../../ui/rules/dry-run.tsx'
import { DropRule, useRuleKeys } from '../../ui/rules/rule-order.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { WaybillRules } from '../types.ts'
import { TryOne, WaybillDryRunRows } from './waybill-dry-run.tsx'
import { type KeyedRule, pickOf, WaybillRuleTable } from './waybill-rule-table.tsx'
import './waybill-rules.css'

/** 取号规则: the ordered rules that choose the account of a waybill number, with a dry run over the deliveries that wait for one. */
export default function WaybillRulesPage() {
  const say = useSay()
  const stored = useQuery({
    queryKey: ['/waybill-rules'],
    queryFn: () => get('/waybill-rules'),
    refetchOnWindowFocus: false,
  })
  return (
    <div className="page">
      <PageHead
        title={say(['取号规则', 'Rules for numbers'])}
        sub={say([
          '从上往下，第一条符合的决定用哪个账号取号',
          'From the top, the first that fits says from which account a number is taken',
        ])}
      />
      {stored.error && <LoadError error={stored.error} onRetry={() => void stored.refetch()} />}
      {stored.data && <Editor stored={stored.data} />}
    </div>
  )
}

let made = 0
/** The key of a rule stays when it moves, so that its fields move with it. */
const keyed = (rule: WaybillRule): KeyedRule => {
  made += 1
  return { key: made, rule }
}

const addWords: LocalizedPair = ['加一条', 'Add a rule']

const hint: LocalizedPair = [
  '用手上的规则（不必先保存）看待取号的发货单：各用哪个账号、是哪条规则、前面的为什么不行、取不到的因为什么。什么都不会改。',
  'Holds the rules, saved or not, against the deliveries that wait for a number: which account, by which rule, why not by those before it, and why some get none. Changes nothing.',
]

const withoutRule: LocalizedPair = [
  '没有规则符合的发货单：在能打它面单的账号里，先用本店铺的，再用本仓库的，再用最早加的；订单指定了快递，就用那家的。',
  'A delivery that no rule takes gets an account that can print its label: of its own shop first, then of its warehouse, then the oldest; of the courier that the order asks for, if it does.',
]

function Editor({ stored }: { stored: WaybillRules }) {
  const say = useSay()
  const denied = useAllowed()('orders.rules')
  const [base, setBase] = useState({ rules: stored.rules, version: stored.version })
  const { rows, at, setAt, ...editing } = useRuleRows(stored, denied)
  const rules = rows.map(({ rule }) => rule)
  const dirty = JSON.stringify(rules) !== JSON.stringify(base.rules)
  const dry = useMutation({
    mutationFn: (number: string) =>
      post('/waybill-rules/dry-run', { ...(dirty && { rules }), ...(number !== '' && { number }) }),
  })
  const accounts = new Map(stored.accounts.map((account) => [account.id, account]))
  // Of other shops' accounts nothing is known here; who cannot see them cannot save either.
  const faults = rules.map((_, index) => (denied === undefined ? faultOf(rules, index, accounts) : undefined))
  useKeys([
    { key: 'n', words: addWords, run: () => editing.why === undefined && editing.add() },
    { key: 't', words: ['试算', 'dry run'], run: () => dry.mutate('') },
  ])
  const fault = faults.find((one) => one !== undefined)
  return (
    <div className="rules waybill-rules">
      <Unsaved dirty={dirty} />
      <div>
        {rows.length === 0 ? (
          <NoRules />
        ) : (
          <WaybillRuleTable
            {...{ rows, at, faults, stored, denied }}
            onPick={setAt}
            onChange={editing.change}
            onMove={editing.move}
          />
        )}
        <p className="t2 small">{say(withoutRule)}</p>
        <div className="row rules-foot">
          <Save
            body={{ rules, version: base.version }}
            why={denied ?? (dirty ? fault && say(fault.message) : say(['没有改动', 'Nothing is changed']))}
            onSaved={() => setBase({ rules, version: base.version + 1 })}
          />
          <Button letter="N" why={editing.why} onClick={editing.add}>
            {say(addWords)}
          </Button>
          {rows.length > 0 && <DropRule why={denied} onDrop={editing.drop} />}
        </div>
      </div>
      <div className="rules-dry">
        <DryRunPanel
          at={dry.data?.at}
          hint={hint}
          error={dry.error}
          busy={dry.isPending}
          act={['试算待取号的', 'Try on waiting parcels']}
          onRun={() => dry.mutate('')}
        >
          <TryOne busy={dry.isPending} onRun={(number) => dry.mutate(number)} />
          {dry.data && <WaybillDryRunRows run={dry.data} stored={stored} />}
        </DryRunPanel>
      </div>
    </div>
  )
}

function NoRules() {
  const say = useSay()
  return (
    <Empty
      title={say(['还没有取号规则', 'No rules for numbers yet'])}
      remedy={say([
        '没有规则时按账号自己选。按 N 加一条，保存之前先试算。',
        'Without rules the account is chosen as said below. N adds one; try it before you save.',
      ])}
    />
  )
}

/** The rules as they are edited, and the chosen one. `why`: the reason why none can be added. */
function useRuleRows(stored: WaybillRules, denied: string | undefined) {
  const say = useSay()
  const [rows, setRows] = useState(() => stored.rules.map(keyed))
  const [at, setAt] = useState(0)
  const [first] = stored.accounts.filter(({ enabled }) => enabled)
  const why =
    denied ??
    (first ? undefined : say(['先在电子面单里加一个账号', 'Add an account under waybill accounts first']))
  const add = () => {
    if (!first) return
    setRows([
      ...rows,
      keyed({ platform: '', courier: '', warehouseId: null, accountId: first.id, enabled: true }),
    ])
    setAt(rows.length)
  }
  const change = (index: number, rule: WaybillRule) =>
    setRows(rows.map((row, place) => (place === index ? { ...row, rule } : row)))
  const move = (from: number, to: number) => {
    const row = rows[from]
    if (!row || !rows[to] || denied !== undefined) return
    setRows(rows.toSpliced(from, 1).toSpliced(to, 0, row))
    setAt(to)
  }
  const drop = () => {
    setRows(rows.toSpliced(at, 1))
    setAt(Math.max(0, at - 1))
  }
  useRuleKeys({
    at,
    onPick: (to) => rows[to] && setAt(to),
    onMove: move,
    onToggle: () => {
      const rule = rows[at]?.rule
      if (rule && denied === undefined) change(at, { ...rule, enabled: !rule.enabled })
    },
    onEdit: () => pickOf(at)?.focus(),
  })
  return { rows, at, setAt, why, add, change, move, drop }
}

function Save(props: {
  body: { rules: WaybillRule[]; version: number }
  why: string | undefined
  onSaved: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => put('/waybill-rules', props.body),
    onSuccess: () => {
      props.onSaved()
      toast('ok', say(['规则已保存，下一次取号起生效', 'Rules saved, in force from the next number']))
      return Promise.all([
        queries.invalidateQueries({ queryKey: ['/waybill-rules'] }),
        queries.invalidateQueries({ queryKey: ['waybill-accounts'] }),
      ])
    },
  })
  useKeys([{ key: 's', words: shared.save, run: () => props.why === undefined && save.mutate() }])
  return (
    <>
      <Button kind="primary" letter="S" busy={save.isPending} why={props.why} onClick={() => save.mutate()}>
        {say(shared.save)}
      </Button>
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </>
  )
}
