import {
  type ColumnOption,
  columnWords,
  type FieldOption,
  fieldWords,
  type PaperOptions,
  type PaperTemplate,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { Check, Choice, TextArea, TextField } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import { SizeFields, SizeInput } from './size-fields.tsx'
import { UsedFor } from './used-for.tsx'

type Props = {
  template: PaperTemplate
  why: string | undefined
  foot?: React.ReactNode
  onChange: (template: PaperTemplate) => void
}

/** The properties of a template. Everything changes the preview at once; nothing is stored before it is saved. */
export function TemplateForm({ template, why, foot, onChange }: Props) {
  const say = useSay()
  const { options } = template
  const set = (change: Partial<PaperOptions>) => onChange({ ...template, options: { ...options, ...change } })
  const has = (key: FieldOption['key']) => options.fields.some((field) => field.key === key && field.on)
  const title = say(['模板属性', 'Properties'])
  return (
    <fieldset className="paper-form" disabled={why !== undefined} aria-label={title}>
      <TextField
        label={say(['名称', 'Name'])}
        value={template.name}
        maxLength={40}
        hint={why}
        onChange={(name) => onChange({ ...template, name })}
      />
      <SizeFields template={template} onChange={onChange} />
      <Choice
        label={say(['纸上的文字', 'Language on the paper'])}
        value={options.language}
        options={[
          { value: 'zh', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
        onChange={(language) => set({ language })}
      />
      <h3>{say(['内容', 'Fields'])}</h3>
      <FieldRows fields={options.fields} onChange={(fields) => set({ fields })} />
      {has('text') && (
        <TextArea
          label={say(fieldWords.text)}
          rows={2}
          maxLength={300}
          value={options.text}
          onChange={(text) => set({ text })}
        />
      )}
      {has('sender') && (
        <TextArea
          label={say(fieldWords.sender)}
          rows={2}
          maxLength={200}
          value={options.sender}
          onChange={(sender) => set({ sender })}
        />
      )}
      {options.columns.length > 0 && has('goods') && <ListFields options={options} onChange={set} />}
      <UsedFor template={template} onChange={onChange} />
      {foot}
    </fieldset>
  )
}

function moved<Item>(items: readonly Item[], from: number): Item[] {
  const next = [...items]
  next.splice(from - 1, 0, ...next.splice(from, 1))
  return next
}

function FieldRows({
  fields,
  onChange,
}: {
  fields: readonly FieldOption[]
  onChange: (fields: FieldOption[]) => void
}) {
  const say = useSay()
  const set = (key: string, change: Partial<FieldOption>) =>
    onChange(fields.map((field) => (field.key === key ? { ...field, ...change } : field)))
  return (
    <ol className="paper-fields">
      {fields.map((field, at) => {
        const name = say(fieldWords[field.key])
        const isCode = field.key === 'barcode'
        const of = (what: string) => `${name} ${what}`
        return (
          <li key={field.key} className="row">
            <Check label={name} checked={field.on} onChange={(on) => set(field.key, { on })} />
            {field.on && field.key !== 'goods' && (
              <span className="row push paper-how">
                <SizeInput
                  label={of(say(isCode ? ['高 mm', 'height mm'] : ['字号', 'size']))}
                  value={field.size}
                  least={5}
                  most={60}
                  onChange={(size) => set(field.key, { size })}
                />
                {isCode ? (
                  <span className="paper-no-toggle" />
                ) : (
                  <Toggle
                    label={of(say(['粗', 'bold']))}
                    on={field.bold}
                    onChange={(bold) => set(field.key, { bold })}
                  >
                    <b>B</b>
                  </Toggle>
                )}
                <Toggle
                  label={of(say(['半行', 'half a row']))}
                  on={field.half}
                  onChange={(half) => set(field.key, { half })}
                >
                  ½
                </Toggle>
              </span>
            )}
            <Up name={name} at={at} onUp={() => onChange(moved(fields, at))} />
          </li>
        )
      })}
    </ol>
  )
}

function Up({ name, at, onUp }: { name: string; at: number; onUp: () => void }) {
  const say = useSay()
  return (
    <span className="paper-up">
      {at > 0 && (
        <Button kind="quiet" size="small" aria-label={`${name} ${say(['上移', 'move up'])}`} onClick={onUp}>
          ↑
        </Button>
      )}
    </span>
  )
}

function Toggle(props: {
  label: string
  on: boolean
  onChange: (on: boolean) => void
  children: React.ReactNode
}) {
  return (
    <button
      type="button"
      className="paper-toggle"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.on}
      onClick={() => props.onChange(!props.on)}
    >
      {props.children}
    </button>
  )
}

function ListFields({
  options,
  onChange,
}: {
  options: PaperOptions
  onChange: (change: Partial<PaperOptions>) => void
}) {
  const say = useSay()
  const columns = options.columns
  const set = (key: string, on: boolean) =>
    onChange({
      columns: columns.map((column): ColumnOption => (column.key === key ? { ...column, on } : column)),
    })
  return (
    <>
      <h3>{say(['清单的列', 'Columns of the list'])}</h3>
      <ol className="paper-fields">
        {columns.map((column, at) => (
          <li key={column.key} className="row">
            <Check
              label={say(columnWords[column.key])}
              checked={column.on}
              onChange={(on) => set(column.key, on)}
            />
            <span className="push" />
            <Up
              name={`${say(['列', 'Column'])} ${say(columnWords[column.key])}`}
              at={at}
              onUp={() => onChange({ columns: moved(columns, at) })}
            />
          </li>
        ))}
      </ol>
      <div className="row">
        <span className="t2">{say(['字号', 'Text size'])}</span>
        <SizeInput
          label={say(['清单字号', 'Size of the list'])}
          value={options.listSize}
          least={5}
          most={24}
          onChange={(listSize) => onChange({ listSize })}
        />
        <Check
          label={say(['全部加粗', 'All bold'])}
          checked={options.listBold}
          onChange={(listBold) => onChange({ listBold })}
        />
      </div>
      <Choice
        label={say(['顺序', 'Order'])}
        value={options.order}
        options={[
          { value: 'bin', label: say(['按库位', 'By bin']) },
          { value: 'order', label: say(['按订单', 'As ordered']) },
        ]}
        onChange={(order) => onChange({ order })}
      />
      <Choice
        label={say(['放不下', 'If it is too long'])}
        value={options.overflow}
        options={[
          { value: 'pages', label: say(['续到下一张', 'Continue on another sheet']) },
          { value: 'cut', label: say(['其余见拣货单', 'The rest is on the pick list']) },
        ]}
        onChange={(overflow) => onChange({ overflow })}
      />
    </>
  )
}
