import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ComponentProps, useState } from 'react'
import { asksNothing } from '../../../../server/orders/gifts/gift-rules.ts'
import { get, post, put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { stopAtWrong } from '../../ui/form/stop-at-wrong.ts'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { PageHead } from '../../ui/list/tabs.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { DryRunPanel } from '../../ui/rules/dry-run.tsx'
import { DropRule, editRule, RuleOrder } from '../../ui/rules/rule-order.tsx'
import { useRules } from '../../ui/rules/use-rules.ts'
import { useSay } from '../../words.ts'
import type { GiftRuleRow, GiftRules } from '../types.ts'
import { GiftDryRunRows, giftHint } from './gift-dry-run.tsx'
import { GiftForm } from './gift-form.tsx'
import '../desk.css'
import '../choice.css'

/** 赠品: the gift rules in order, with a dry run over the present orders. */
export default function GiftRulesPage() {
  const say = useSay()
  const stored = useQuery({
    queryKey: ['/gift-rules'],
    queryFn: () => get('/gift-rules'),
    refetchOnWindowFocus: false,
  })
  return (
    <div className="page">
      <PageHead
        title={say(['赠品', 'Gifts'])}
        sub={say(['转单时送，退款后重算', 'Given at conversion, looked at again after refunds'])}
      />
      {stored.error && <LoadError error={stored.error} onRetry={() => void stored.refetch()} />}
      {stored.data && <Editor stored={stored.data} />}
    </div>
  )
}

const blank: Omit<GiftRuleRow, 'name'> = { ...asksNothing, gifts: [{ code: '', quantity: 1, instead: '' }] }

/** Returns the gift rule without `taken`, the number of orders that count toward its limit, which only the server writes. */
const ruleOf = ({ taken: _, ...rule }: GiftRules['rules'][number]): GiftRuleRow => rule

/** The rules in their order, and the button for a new one. */
function Side(
  props: ComponentProps<typeof RuleOrder<GiftRuleRow>> & { why: string | undefined; onAdd: () => void },
) {
  const say = useSay()
  const { why, onAdd, ...order } = props
  return (
    <div className="rules-side">
      <RuleOrder {...order} />
      <div>
        <Button letter="N" why={why} onClick={onAdd}>
          {say(['加一条', 'Add a rule'])}
        </Button>
      </div>
      <p className="t3 small">
        {say([
          '从上往下，符合的都送；互斥的只在前面没送时送，送了就不再往下。',
          'From the top, all that fit give; an exclusive one is not combined, and ends the list.',
        ])}
      </p>
    </div>
  )
}

function Editor({ stored }: { stored: GiftRules }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('orders.rules')
  const { base, rules, dirty, setRules, forget } = useRules<GiftRuleRow, GiftRules>(stored, (found) =>
    found.rules.map(ruleOf),
  )
  const [picked, setAt] = useState(0)
  const at = Math.min(picked, rules.length - 1)
  const rule = rules[at]
  const change = (next: GiftRuleRow) => setRules(rules.map((each, index) => (index === at ? next : each)))
  const save = useMutation({
    mutationFn: () => put('/gift-rules', { rules: [...rules], version: base.version }),
    onSuccess: async () => {
      toast('ok', say(['规则已保存，下一次转单起生效', 'Rules saved, in force from the next conversion']))
      await queries.invalidateQueries({ queryKey: ['/gift-rules'] })
      forget()
    },
    // A note in the form could lie under its foot.
    onError: toastError,
  })
  const dry = useMutation({ mutationFn: () => post('/gift-rules/dry-run', { rules: [...rules] }) })
  const unchosen = rules.find(({ gifts }) => gifts.some(({ code }) => code === ''))
  const chooseFirst =
    unchosen && say(['「{name}」还没选赠品', '“{name}” has no gift yet'], { name: unchosen.name })
  const saveWhy = why ?? chooseFirst ?? (dirty ? undefined : say(['没有改动', 'Nothing is changed']))
  const add = () => {
    setRules([...rules, { ...blank, name: say(['新规则', 'New rule']) }])
    setAt(rules.length)
    requestAnimationFrame(editRule)
  }
  const drop = () => {
    setRules(rules.filter((_, index) => index !== at))
    setAt(Math.max(0, at - 1))
  }
  const store = () => stopAtWrong() || save.mutate()
  useKeys([
    { key: 'n', words: ['加一条规则', 'add a rule'], run: () => why === undefined && add() },
    { key: 't', words: ['试算', 'dry run'], run: () => chooseFirst === undefined && dry.mutate() },
    { key: 's', words: shared.save, run: () => saveWhy === undefined && store() },
  ])
  const taken = base.rules.find(({ id }) => id === rule?.id)?.taken ?? 0
  return (
    <div className="rules">
      <Unsaved dirty={dirty} />
      <Side {...{ rules, at, why }} onPick={setAt} onChange={setRules} onAdd={add} />
      <div className="rules-main">
        {rule ? (
          <div key={`${base.version} ${rules.length} ${at}`} className="choice-form">
            <GiftForm rule={rule} taken={taken} onChange={change} />
          </div>
        ) : (
          <Empty
            title={say(['还没有赠品规则', 'No rules for gifts yet'])}
            remedy={say([
              '按 N 加一条：送什么、给哪些订单、送几份。保存之前先试算。',
              'N adds one: what it gives, to which orders, how often. Try it before you save.',
            ])}
          />
        )}
        {(rule || dirty) && (
          <div className="row rules-foot">
            <Button kind="primary" letter="S" busy={save.isPending} why={saveWhy} onClick={store}>
              {say(shared.save)}
            </Button>
            {rule && <DropRule why={why} onDrop={drop} />}
          </div>
        )}
      </div>
      <div className="rules-dry">
        <DryRunPanel
          at={dry.data?.at}
          hint={giftHint}
          error={dry.error}
          busy={dry.isPending}
          why={chooseFirst}
          onRun={() => dry.mutate()}
        >
          {dry.data && <GiftDryRunRows run={dry.data} />}
        </DryRunPanel>
      </div>
    </div>
  )
}
