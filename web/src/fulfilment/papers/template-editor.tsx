import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import {
  type PaperField,
  type PaperTemplate,
  paperWords,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { errorText, post, remove } from '../../api.ts'
import { Button, Segments } from '../../ui/base/button.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { withMod } from '../../ui/base/mod-key.ts'
import { shared } from '../../ui/base/words.ts'
import { Check } from '../../ui/form/form.tsx'
import { Unsaved } from '../../ui/form/unsaved.tsx'
import { PageHead } from '../../ui/list/tabs.tsx'
import { Confirm } from '../../ui/overlay/confirm.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { templatesWords } from '../print-words.ts'
import { FreePlaces, type PlacesProps } from './free-places.tsx'
import { useHistory } from './layout/history.ts'
import { layoutPaper, type Paper } from './layout/layout.ts'
import type { Stored } from './paper-queries.ts'
import { useSample } from './sample.tsx'
import { PrintSheets, Sheet, sheetsOf } from './sheet.tsx'
import { SheetChecks } from './sheet-checks.tsx'
import { TemplateForm } from './template-form.tsx'

type Zoom = '75' | '100' | '200'

type EditorProps = {
  chosen: { key: string; template: PaperTemplate; stored?: Stored }
  why: string | undefined
  side: ReactNode
  onPick: (key: string) => void
  onDirty: (dirty: boolean) => void
}

/** The editor of one template: its sheets in true proportions in the middle, its form at the right. */
export function TemplateEditor(props: EditorProps) {
  const say = useSay()
  const { chosen, onDirty } = props
  const history = useHistory(chosen.template)
  const { value: template, set: onChange } = history
  const [field, onChoose] = useState<PaperField>()
  const [printing, setPrinting] = useState(false)
  const sample = useSample(template)
  const changes = useChanges(props, template)
  const { dirty, save } = changes
  useEffect(() => onDirty(dirty), [dirty, onDirty])
  const paper = layoutPaper(template, sample.data)
  const test = () => setPrinting(true)
  useKeys([
    { key: 'mod+s', words: shared.save, run: () => changes.why === undefined && save.mutate() },
    { key: 'p', words: testWords, run: test },
  ])
  return (
    <>
      <Unsaved dirty={dirty} />
      <PageHead
        title={say(templatesWords)}
        sub={[say(paperWords[template.kind]), template.name].filter(Boolean).join(' › ')}
      >
        {sample.choice}
        <Button letter="P" action="test-print" onClick={test}>
          {say(testWords)}
        </Button>
        <Button
          kind="primary"
          letter={withMod('S')}
          action="save-template"
          why={changes.why}
          busy={save.isPending}
          onClick={() => save.mutate()}
        >
          {say(shared.save)}
        </Button>
      </PageHead>
      <div className="paper-desk">
        {props.side}
        <Canvas
          {...{ template, paper, history, chosen: field, onChoose, onChange, error: save.error }}
          locked={props.why !== undefined}
        />
        <TemplateForm
          {...{ template, chosen: field, onChoose, onChange }}
          why={props.why}
          onReading={changes.onReading}
          foot={
            chosen.stored && <RemoveTemplate stored={chosen.stored} why={props.why} onPick={props.onPick} />
          }
        />
      </div>
      {printing && <PrintSheets papers={[paper]} onDone={() => setPrinting(false)} />}
    </>
  )
}

type CanvasProps = Omit<PlacesProps, 'snaps'> & {
  paper: Paper
  history: Pick<ReturnType<typeof useHistory>, 'undo' | 'redo' | 'canUndo'>
  locked: boolean
  error: Error | null
}

/** The sheets with undo, snapping and zoom above them and the findings of the checks below. */
function Canvas({ paper, history, locked, error, ...places }: CanvasProps) {
  const say = useSay()
  const { template, onChange } = places
  const { kind, widthMm, heightMm } = template
  const [zoom, setZoom] = useState<Zoom>(widthMm > 160 ? '75' : '100')
  const [snaps, setSnaps] = useState(true)
  useKeys([
    { key: 'mod+z', words: undoWords, run: history.undo },
    { key: 'mod+y', words: redoWords, run: history.redo },
  ])
  return (
    <div className="paper-canvas">
      <div className="row sheet-tools">
        <span className="medium">{say(paperWords[kind])}</span>
        <span className="t2 num">{`${widthMm} × ${heightMm} mm`}</span>
        <span className="row push">
          <Button
            letter={withMod('Z')}
            action="undo"
            why={history.canUndo ? undefined : say(['没有可撤销的', 'There is nothing to undo'])}
            onClick={history.undo}
          >
            {say(undoWords)}
          </Button>
          {template.options.free && (
            <Check label={say(['吸附 1 mm', 'Snap to 1 mm'])} checked={snaps} onChange={setSnaps} />
          )}
          <Segments
            label={say(['大小', 'Zoom'])}
            value={zoom}
            options={(['75', '100', '200'] as const).map((value) => ({ value, label: `${value}%` }))}
            onChange={setZoom}
          />
        </span>
      </div>
      {error && <Note tone="bad">{errorText(error)}</Note>}
      <div className="paper-sheets" style={{ zoom: Number(zoom) / 100 }}>
        {kind === 'label_area' && <CourierPart template={template} />}
        {sheetsOf([paper]).map(({ key, page }) => {
          const label = say(['第 {n} 张', 'Sheet {n}'], { n: page + 1 })
          const sheet = <Sheet key={key} paper={paper} page={page} label={label} />
          if (page > 0 || locked || !template.options.free) return sheet
          return (
            <FreePlaces key={key} {...places} snaps={snaps}>
              {sheet}
            </FreePlaces>
          )
        })}
      </div>
      <SheetChecks template={template} paper={paper} onChange={onChange} />
      {kind === 'pick_list' && <p className="t2 small">{say(wavesApartWords)}</p>}
    </div>
  )
}

/** The part of a label that is the courier's: hatched, above the custom area. */
function CourierPart({ template: { widthMm, options } }: { template: PaperTemplate }) {
  const say = useSay()
  return (
    <div className="paper-courier-part" style={{ width: `${widthMm}mm`, height: `${options.topMm ?? 0}mm` }}>
      <span>{say(['快递规定，不能改', 'Set by the courier'])}</span>
    </div>
  )
}

const undoWords: LocalizedPair = ['撤销', 'Undo']
const redoWords: LocalizedPair = ['重做', 'Redo']
const testWords: LocalizedPair = ['试打 1 张', 'Test print']
const wavesApartWords: LocalizedPair = [
  '选中的发货单用这个模板。波次的拣货单有自己的版式，不用模板。',
  'Used for chosen deliveries. The pick list of a wave has its own layout and no template.',
]

/** Whether the template differs from the stored one, and its saving, which waits for a picture that is being read. */
function useChanges({ chosen, why, onPick }: EditorProps, template: PaperTemplate) {
  const say = useSay()
  const queries = useQueryClient()
  const [reading, onReading] = useState(false)
  const dirty = JSON.stringify(template) !== JSON.stringify(chosen.template)
  const save = useMutation({
    mutationFn: () => {
      const { kind, name, widthMm, heightMm, options, shopIds, couriers } = template
      const fields = { kind, name: name.trim(), widthMm, heightMm, options }
      return post('/paper-templates', {
        ...(chosen.stored ? { id: chosen.stored.id } : {}),
        ...{
          version: chosen.stored?.version ?? 0,
          ...fields,
          shopIds: [...shopIds],
          couriers: [...couriers],
        },
      })
    },
    onSuccess: async ({ id }) => {
      toast('ok', say(['模板已保存', 'Template saved']))
      await queries.invalidateQueries({ queryKey: ['/paper-templates'] })
      onPick(id)
    },
  })
  const isNew = chosen.stored === undefined
  const reason =
    why ??
    (template.name.trim() === ''
      ? say(['先写名称', 'Give it a name first'])
      : reading
        ? say(['正在读图片', 'The picture is being read'])
        : !dirty && !isNew
          ? say(['没有改动', 'Nothing is changed'])
          : undefined)
  return { dirty, save, why: reason, onReading }
}

function RemoveTemplate(props: { stored: Stored; why: string | undefined; onPick: (key: string) => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { stored, onPick } = props
  const drop = useMutation({
    mutationFn: () => remove('/paper-templates/:id', { id: stored.id }),
    onSuccess: async () => {
      setAsking(false)
      await queries.invalidateQueries({ queryKey: ['/paper-templates'] })
      onPick(stored.kind)
    },
  })
  return (
    <>
      <Button kind="danger-quiet" action="remove-template" why={props.why} onClick={() => setAsking(true)}>
        {say(['删除这个模板', 'Delete this template'])}
      </Button>
      {asking && (
        <Confirm
          title={say(['删除模板 {name}', 'Delete the template {name}'], { name: stored.name })}
          act={say(['删除', 'Delete'])}
          danger
          onConfirm={() => drop.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>
            {say([
              '之后用别的合适的模板，没有就用默认。',
              'The next fitting template is used then, or the default.',
            ])}
          </p>
          {drop.error && <Note tone="bad">{errorText(drop.error)}</Note>}
        </Confirm>
      )}
    </>
  )
}
