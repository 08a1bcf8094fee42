import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post, put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { stopAtWrong } from '../../ui/form/stop-at-wrong.ts'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { PageHead, Tabs } from '../../ui/list/tabs.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { DryRunPanel } from '../../ui/rules/dry-run.tsx'
import { DropRule, type Listed, RuleOrder } from '../../ui/rules/rule-order.tsx'
import { type Say, useSay } from '../../words.ts'
import { choiceRulesQuery } from '../choice-query.ts'
import type { ChoiceRules, CourierRuleRow, WarehouseRuleRow } from '../types.ts'
import { ChoiceDryRunRows, choiceHint } from './choice-dry-run.tsx'
import { CourierAct, RuleFields, WarehouseAct } from './choice-form.tsx'
import { ReachFields } from './choice-reach.tsx'
import '../desk.css'
import '../choice.css'

const tabs = [
  { key: 'warehouse', title: ['仓库规则', 'Warehouse rules'] },
  { key: 'courier', title: ['快递规则', 'Courier rules'] },
] as const
type Kind = (typeof tabs)[number]['key']

/** 分仓选快递: the sourcing rules in order, with a dry run over the present orders. */
export default function ChoiceRulesPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const kind: Kind = search['tab'] === 'courier' ? 'courier' : 'warehouse'
  const stored = useQuery({ ...choiceRulesQuery, refetchOnWindowFocus: false })
  const { data } = stored
  return (
    <div className="page">
      <PageHead
        title={say(['分仓选快递', 'Warehouse and courier'])}
        tabs={
          <Tabs
            label={say(['规则', 'Rules'])}
            tabs={tabs}
            value={kind}
            onChange={(tab) => setSearch({ tab })}
          />
        }
        sub={say(['转单时选定，改了地址再选一次', 'Chosen at conversion, and anew when the address changes'])}
      />
      {stored.error && <LoadError error={stored.error} onRetry={() => void stored.refetch()} />}
      {data && <Editor stored={data} kind={kind} />}
    </div>
  )
}

const asksNothing = {
  enabled: true,
  from: null,
  to: null,
  shops: [],
  regions: [],
  words: [],
  notWords: [],
  minWeightG: null,
  maxWeightG: null,
  minFen: null,
  maxFen: null,
  cod: null,
  skus: [],
  categories: [],
}

const newName = (say: Say) => say(['新规则', 'New rule'])

/**
 * Both kinds of rules are edited together, so that a dry run includes both. Saving names the loaded version, so that another user's changes
 * are not overwritten.
 */
function Editor({ stored, kind }: { stored: ChoiceRules; kind: Kind }) {
  const say = useSay()
  const [warehouse, setWarehouse] = useState<readonly WarehouseRuleRow[]>(stored.warehouse.rules)
  const [courier, setCourier] = useState<readonly CourierRuleRow[]>(stored.courier.rules)
  const [reach, setReach] = useState(stored.courier.reach)
  const [base, setBase] = useState(stored)
  const [first] = stored.warehouses.filter(({ active }) => active)
  const dry = useMutation({
    mutationFn: () =>
      post('/choice-rules/dry-run', {
        warehouseRules: warehouse,
        courierRules: courier,
        reach,
      }),
  })
  useKeys([{ key: 't', words: ['试算', 'dry run'], run: () => dry.mutate() }])
  const warehouseDirty = differs(warehouse, base.warehouse.rules)
  const courierDirty = differs(courier, base.courier.rules) || differs(reach, base.courier.reach)
  return (
    <div className="rules">
      <Unsaved dirty={warehouseDirty || courierDirty} />
      {kind === 'warehouse' ? (
        <Rules
          key="warehouse"
          rules={warehouse}
          onChange={setWarehouse}
          fresh={() => ({
            ...asksNothing,
            name: newName(say),
            warehouses: first ? [first.id] : [],
            policy: 'whole_first' as const,
          })}
          save={{
            send: () => put('/choice-rules/warehouse', { rules: warehouse, version: base.warehouse.version }),
            onSaved: () => setBase({ ...base, warehouse: saved(base.warehouse, { rules: [...warehouse] }) }),
          }}
          dirty={warehouseDirty}
          form={(rule, onChange) => (
            <RuleFields rule={rule} onChange={onChange}>
              <WarehouseAct rule={rule} warehouses={stored.warehouses} onChange={onChange} />
            </RuleFields>
          )}
        >
          {say([
            '从上往下，第一条符合的决定。都不符合，发第一个货齐的仓，按仓库的优先级。',
            'From the top, the first that fits decides. Without any, the first warehouse that has everything.',
          ])}
        </Rules>
      ) : (
        <Rules
          key="courier"
          rules={courier}
          onChange={setCourier}
          fresh={() => ({ ...asksNothing, name: newName(say), warehouses: [], courier: 'YTO' })}
          save={{
            send: () =>
              put('/choice-rules/courier', { rules: courier, reach, version: base.courier.version }),
            onSaved: () => setBase({ ...base, courier: saved(base.courier, { rules: [...courier], reach }) }),
          }}
          dirty={courierDirty}
          form={(rule, onChange) => (
            <RuleFields rule={rule} onChange={onChange}>
              <CourierAct rule={rule} warehouses={stored.warehouses} onChange={onChange} />
            </RuleFields>
          )}
          below={<ReachFields reach={reach} onChange={setReach} />}
        >
          {say([
            '从上往下，第一条符合且快递能到的决定。都不符合就不选，由人选。',
            'From the top, the first that fits and whose courier goes there decides. Without any, a person chooses.',
          ])}
        </Rules>
      )}
      <div className="rules-dry">
        <DryRunPanel
          at={dry.data?.at}
          hint={choiceHint}
          error={dry.error}
          busy={dry.isPending}
          onRun={() => dry.mutate()}
        >
          {dry.data && <ChoiceDryRunRows run={dry.data} />}
        </DryRunPanel>
      </div>
    </div>
  )
}

const saved = <Kept extends { version: number }>(kept: Kept, now: Partial<Kept>): Kept => ({
  ...kept,
  ...now,
  version: kept.version + 1,
})

const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other)

type Save = { send: () => Promise<unknown>; onSaved: () => void }

type RulesProps<Rule> = {
  rules: readonly Rule[]
  onChange: (rules: readonly Rule[]) => void
  fresh: () => Rule
  save: Save
  dirty: boolean
  form: (rule: Rule, onChange: (rule: Rule) => void) => React.ReactNode
  below?: React.ReactNode
  children: React.ReactNode
}

/** The rules of one kind: the list at the left, the selected rule beside it. */
function Rules<Rule extends Listed>(props: RulesProps<Rule>) {
  const { rules, onChange, fresh, form, below, children } = props
  const say = useSay()
  const why = useAllowed()('orders.rules')
  const [at, setAt] = useState(0)
  const rule = rules[at]
  const change = (next: Rule) => onChange(rules.map((each, index) => (index === at ? next : each)))
  const add = () => {
    onChange([...rules, fresh()])
    setAt(rules.length)
  }
  const drop = () => {
    onChange(rules.filter((_, index) => index !== at))
    setAt(Math.max(0, at - 1))
  }
  useKeys([{ key: 'n', words: ['加一条规则', 'add a rule'], run: () => why === undefined && add() }])
  return (
    <>
      <div className="rules-side">
        <RuleOrder rules={rules} at={at} onPick={setAt} onChange={onChange} />
        <div>
          <Button letter="N" why={why} onClick={add}>
            {say(['加一条', 'Add a rule'])}
          </Button>
        </div>
        <p className="t3 small">{children}</p>
        {below}
      </div>
      <div className="rules-main">
        {rule ? (
          <div key={`${rules.length} ${at}`} className="choice-form">
            {form(rule, change)}
          </div>
        ) : (
          <Empty
            title={say(['还没有规则', 'No rules yet'])}
            remedy={say(['按 N 加一条。保存之前先试算。', 'N adds one. Try it before you save.'])}
          />
        )}
        {(rule || props.dirty) && <Foot {...props} why={why} onDrop={rule && drop} />}
      </div>
    </>
  )
}

function Foot(props: {
  save: Save
  dirty: boolean
  why: string | undefined
  onDrop: (() => void) | undefined
}) {
  const say = useSay()
  const queries = useQueryClient()
  const { send, onSaved } = props.save
  const save = useMutation({
    mutationFn: send,
    onSuccess: () => {
      onSaved()
      toast('ok', say(['规则已保存，下一次转单起生效', 'Rules saved, in force from the next conversion']))
      return queries.invalidateQueries({ queryKey: ['/choice-rules'] })
    },
    // A note in the form could lie under its foot.
    onError: toastError,
  })
  const why = props.why ?? (props.dirty ? undefined : say(['没有改动', 'Nothing is changed']))
  const store = () => stopAtWrong() || save.mutate()
  useKeys([{ key: 's', words: shared.save, run: () => why === undefined && store() }])
  return (
    <div className="row rules-foot">
      <Button kind="primary" letter="S" busy={save.isPending} why={why} onClick={store}>
        {say(shared.save)}
      </Button>
      {props.onDrop && <DropRule why={props.why} onDrop={props.onDrop} />}
    </div>
  )
}
