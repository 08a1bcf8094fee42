import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, post, put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { useAllowed, useShops } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Choice } from '../../ui/form/form.tsx'
import { stopAtWrong } from '../../ui/form/stop-at-wrong.ts'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { PageHead } from '../../ui/list/tabs.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { DryRunPanel } from '../../ui/rules/dry-run.tsx'
import { DropRule, RuleOrder } from '../../ui/rules/rule-order.tsx'
import { useRules } from '../../ui/rules/use-rules.ts'
import { useSay } from '../../words.ts'
import { useChecks } from '../problems.tsx'
import type { RuleRow, ShopRules } from '../types.ts'
import { ConfirmDryRun, confirmHint } from './confirm-dry-run.tsx'
import { RuleForm } from './rule-form.tsx'
import '../desk.css'

/** 自动确认: a shop's confirm rules in order, with a dry run of the selected rule over the waiting orders. */
export default function ConfirmRulesPage() {
  const say = useSay()
  const shops = useShops()
  const [search, setSearch] = useUrlState()
  const shopId = search['shop'] ?? shops[0]?.id ?? ''
  const stored = useQuery({
    queryKey: ['/confirm-rules', shopId],
    queryFn: () => get('/confirm-rules/:id', { id: shopId }),
    enabled: shopId !== '',
    refetchOnWindowFocus: false,
  })
  return (
    <div className="page">
      <PageHead
        title={say(['自动确认', 'Auto-confirm'])}
        sub={<PageLink to="/tasks">{say(['开关在计划任务里', 'Switched on under Tasks'])}</PageLink>}
      >
        <div className="head-choices">
          <Choice
            label={say(shared.shop)}
            value={shopId}
            onChange={(shop) => setSearch({ shop })}
            options={shops.map((shop) => ({ value: shop.id, label: shop.name }))}
          />
        </div>
      </PageHead>
      {stored.error && <LoadError error={stored.error} onRetry={() => void stored.refetch()} />}
      {stored.data && <Editor key={shopId} stored={stored.data} />}
    </div>
  )
}

function Editor({ stored }: { stored: ShopRules }) {
  const say = useSay()
  const queries = useQueryClient()
  const checks = useChecks()
  const why = useAllowed()('orders.rules')
  const usual: RuleRow = {
    name: say(['平日', 'Every day']),
    enabled: true,
    from: null,
    to: null,
    checks: stored.usual,
  }
  const { base, rules, dirty, setRules, forget } = useRules<RuleRow, ShopRules>(stored, (found) =>
    found.rules.length > 0 ? found.rules : [usual],
  )
  const [picked, setAt] = useState(0)
  const at = Math.min(picked, rules.length - 1)
  const rule = rules[at]
  const change = (next: RuleRow) => setRules(rules.map((each, index) => (index === at ? next : each)))
  const save = useMutation({
    mutationFn: () =>
      put('/confirm-rules/:id', { rules: [...rules], version: base.version }, { id: base.shopId }),
    onSuccess: async () => {
      toast('ok', say(['规则已保存，下次执行起生效', 'Rules saved, in force from the next run']))
      await queries.invalidateQueries({ queryKey: ['/confirm-rules'] })
      forget()
    },
    // A note in the form could lie under its foot.
    onError: toastError,
  })
  const dry = useMutation({
    mutationFn: () =>
      post('/confirm-rules/:id/dry-run', { checks: rule?.checks ?? stored.usual }, { id: stored.shopId }),
  })
  // New checks count as a change: saving the rules stores them, and they are not new any more. So do the rules of a shop that has none.
  const savable = dirty || base.fresh.length > 0 || base.rules.length === 0
  const saveWhy = why ?? (savable ? undefined : say(['没有改动', 'Nothing is changed']))
  const add = () => {
    setRules([...rules, { ...usual, name: say(['新规则', 'New rule']) }])
    setAt(rules.length)
  }
  const store = () => stopAtWrong() || save.mutate()
  useKeys([
    { key: 'n', words: ['加一条规则', 'add a rule'], run: () => why === undefined && add() },
    { key: 't', words: ['试算', 'dry run'], run: () => dry.mutate() },
    { key: 's', words: shared.save, run: () => saveWhy === undefined && store() },
  ])
  return (
    <div className="rules">
      <Unsaved dirty={dirty} />
      <div className="rules-side">
        <RuleOrder rules={rules} at={at} onPick={setAt} onChange={setRules} />
        <div>
          <Button letter="N" why={why} onClick={add}>
            {say(['加一条', 'Add a rule'])}
          </Button>
        </div>
        <p className="t3 small">
          {say([
            '从上往下，第一条开着且在日期内的生效。一条都没有，就不自动确认。',
            'From the top, the first that is on and within its dates decides. Without any, nothing is confirmed.',
          ])}
        </p>
      </div>
      <div className="rules-main">
        {rule && (
          <RuleForm
            key={`${base.version} ${rules.length} ${at}`}
            rule={rule}
            checks={checks}
            fresh={base.fresh}
            onChange={change}
          />
        )}
        <div className="row rules-foot">
          <Button kind="primary" letter="S" busy={save.isPending} why={saveWhy} onClick={store}>
            {say(shared.save)}
          </Button>
          <DropRule
            why={why ?? (rules.length > 1 ? undefined : say(['至少留一条', 'One must remain']))}
            onDrop={() => {
              setRules(rules.filter((_, index) => index !== at))
              setAt(0)
            }}
          />
        </div>
      </div>
      <div className="rules-dry">
        <DryRunPanel
          at={dry.data?.at}
          hint={confirmHint}
          error={dry.error}
          busy={dry.isPending}
          onRun={() => dry.mutate()}
        >
          {dry.data && <ConfirmDryRun run={dry.data} />}
        </DryRunPanel>
      </div>
    </div>
  )
}
