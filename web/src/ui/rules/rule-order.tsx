import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { useKeys } from '../base/keys.ts'
import './rules.css'

export type Listed = { name: string; enabled: boolean; from: string | null; to: string | null }

export const editRule = () => document.querySelector<HTMLInputElement>('.rules-main input')?.focus()

const leaveBox = () => document.activeElement instanceof HTMLElement && document.activeElement.blur()

/** The keys of a list of rules: j and k select, [ and ] move, x enables or disables. */
export function useRuleKeys(props: {
  at: number
  onPick: (at: number) => void
  onMove: (from: number, to: number) => void
  onToggle: () => void
  onEdit: () => void
}) {
  const { at, onPick, onMove, onToggle, onEdit } = props
  useKeys([
    { key: 'j', words: ['下一条', 'next rule'], run: () => onPick(at + 1) },
    { key: 'k', words: ['上一条', 'previous rule'], run: () => onPick(at - 1) },
    { key: '[', words: ['规则上移', 'move the rule up'], run: () => onMove(at, at - 1) },
    { key: ']', words: ['规则下移', 'move the rule down'], run: () => onMove(at, at + 1) },
    { key: 'x', words: ['开关规则', 'rule on or off'], run: onToggle },
    { key: 'Enter', words: ['改这条', 'edit the rule'], run: onEdit },
    { key: 'Escape', words: ['离开输入框', 'leave the box'], run: leaveBox },
  ])
}

export function RuleOrder<Rule extends Listed>(props: {
  rules: readonly Rule[]
  at: number
  onPick: (at: number) => void
  onChange: (rules: readonly Rule[]) => void
}) {
  const say = useSay()
  const { rules, at, onPick, onChange } = props
  const pick = (to: number) => rules[to] && onPick(to)
  const move = (from: number, to: number) => {
    if (!rules[from] || !rules[to]) return
    const next = [...rules]
    next.splice(to, 0, ...next.splice(from, 1))
    onChange(next)
    onPick(to)
  }
  const toggle = () =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, enabled: !rule.enabled } : rule)))
  useRuleKeys({ at, onPick: pick, onMove: move, onToggle: toggle, onEdit: editRule })
  return (
    <ol className="rule-list">
      {rules.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the order
        <li key={index} className={index === at ? 'on' : ''}>
          <button
            type="button"
            className="rule-pick"
            aria-pressed={index === at}
            onClick={() => onPick(index)}
          >
            <span className={rule.enabled ? 'cut' : 'cut t3'}>
              <span className="t3 num">{index + 1}</span> <b>{rule.name}</b>
            </span>
            <span className="t3 small">
              {!rule.enabled ? say(['关', 'Off']) : rule.from || rule.to ? say(['有日期', 'Dated']) : ''}
            </span>
          </button>
          {index > 0 && (
            <Button
              kind="quiet"
              size="small"
              aria-label={say(['上移', 'Move up'])}
              onClick={() => move(index, index - 1)}
            >
              ↑
            </Button>
          )}
        </li>
      ))}
    </ol>
  )
}

/** Deletes the selected rule. Nothing is deleted if the user leaves the page without saving. */
export function DropRule({ why, onDrop }: { why: string | undefined; onDrop: () => void }) {
  const say = useSay()
  useKeys([{ key: 'Delete', words: dropWords, run: () => why === undefined && onDrop() }])
  return (
    <Button letter="Del" why={why} onClick={onDrop}>
      {say(dropWords)}
    </Button>
  )
}
const dropWords: LocalizedPair = ['删掉这条', 'Delete this rule']
