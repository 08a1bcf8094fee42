import { articleGlyph } from './goods.ts'
import { at } from './random.ts'

/** Returns a small square picture of catalogue article `index`: a plain ground with a simple glyph. */
export function listingPicture(index: number): string | undefined {
  const glyph = articleGlyph(index)
  if (glyph === undefined) return undefined
  const [ground, ink, shade] = at(PALETTE, index % PALETTE.length)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256"><rect width="64" height="64" fill="${ground}"/><g fill="${ink}" stroke="none">${GLYPHS[glyph]?.replaceAll('SHADE', shade) ?? ''}</g></svg>`
}

/** The colours of a picture: ground, ink, shade. */
const PALETTE: readonly (readonly [string, string, string])[] = [
  ['#DDE5EC', '#6F90AE', '#A9C0D3'],
  ['#EFE8DD', '#FBF7EF', '#CDBEA6'],
  ['#ECEAE4', '#33363D', '#8C8A83'],
  ['#E9E4DA', '#B79C78', '#D3BFA3'],
  ['#EFE6DA', '#B07A48', '#D2A77C'],
  ['#E6EAEE', '#FFFFFF', '#AEB9C4'],
  ['#DFE8E2', '#55806C', '#9DBBAB'],
  ['#E2E9E1', '#AFC2B2', '#7F9A86'],
  ['#F1E8D8', '#D9A552', '#F3D9A4'],
  ['#E1E4EE', '#2E4063', '#7C8BAB'],
  ['#EFE5E2', '#C28F86', '#DDB9B2'],
  ['#E7E9EE', '#F7F8FA', '#B4BAC6'],
]

const GLYPHS: Record<string, string> = {
  bed: '<rect x="12" y="30" width="40" height="14" rx="3"/><rect x="15" y="22" width="15" height="9" rx="3" fill="SHADE"/><rect x="34" y="22" width="15" height="9" rx="3" fill="SHADE"/><rect x="12" y="36" width="40" height="3" fill="SHADE"/>',
  pillow:
    '<path d="M14 24q18-6 36 0q4 8 0 16q-18 6-36 0q-4-8 0-16z"/><path d="M18 28q14-4 28 0" fill="none" stroke="SHADE" stroke-width="2"/>',
  lamp: '<path d="M24 14h16l6 16H18z"/><rect x="31" y="30" width="2" height="18" fill="SHADE"/><rect x="24" y="48" width="16" height="3" rx="1.5"/>',
  curtain:
    '<rect x="12" y="13" width="40" height="3" rx="1.5" fill="SHADE"/><path d="M14 16h15q-2 18-11 34h-4z"/><path d="M50 16H35q2 18 11 34h4z"/>',
  blanket:
    '<rect x="14" y="20" width="36" height="9" rx="4"/><rect x="14" y="30" width="36" height="9" rx="4" fill="SHADE"/><rect x="14" y="40" width="36" height="9" rx="4"/>',
  towel:
    '<rect x="18" y="16" width="28" height="34" rx="3"/><rect x="18" y="38" width="28" height="3" fill="SHADE"/><rect x="18" y="43" width="28" height="2" fill="SHADE"/>',
  mug: '<rect x="18" y="20" width="24" height="26" rx="4"/><path d="M42 26q9 0 9 7t-9 7" fill="none" stroke="SHADE" stroke-width="4"/>',
  box: '<rect x="13" y="26" width="38" height="22" rx="3"/><rect x="11" y="20" width="42" height="7" rx="2" fill="SHADE"/><rect x="27" y="33" width="10" height="3" rx="1.5" fill="SHADE"/>',
  candle:
    '<rect x="22" y="28" width="20" height="22" rx="2"/><rect x="22" y="36" width="20" height="7" fill="SHADE"/><path d="M32 14q5 6 0 12q-5-6 0-12z"/>',
  apron:
    '<path d="M25 16h14l3 14 5 4v16H17V34l5-4z"/><rect x="25" y="38" width="14" height="8" rx="1" fill="SHADE"/>',
  rug: '<rect x="12" y="20" width="40" height="26" rx="2"/><rect x="17" y="25" width="30" height="16" fill="none" stroke="SHADE" stroke-width="2"/><path d="M12 18v30M52 18v30" stroke="SHADE" stroke-width="2" stroke-dasharray="2 2"/>',
  duvet:
    '<rect x="12" y="20" width="40" height="26" rx="7"/><path d="M22 20v26M32 20v26M42 20v26M12 33h40" stroke="SHADE" stroke-width="1.6" fill="none"/>',
  cushion:
    '<path d="M16 16q16 4 32 0q-4 16 0 32q-16-4-32 0q4-16 0-32z"/><circle cx="32" cy="32" r="2.5" fill="SHADE"/>',
  slippers:
    '<rect x="17" y="16" width="13" height="34" rx="6.5"/><rect x="34" y="16" width="13" height="34" rx="6.5"/><path d="M17 26q6.5-6 13 0v7H17zM34 26q6.5-6 13 0v7H34z" fill="SHADE"/>',
  mattress:
    '<rect x="11" y="26" width="42" height="18" rx="5"/><path d="M11 35h42" stroke="SHADE" stroke-width="2.5"/>',
  vase: '<path d="M27 14h10v8q10 8 6 20q-3 8-11 8t-11-8q-4-12 6-20z"/><path d="M23 36h18" stroke="SHADE" stroke-width="2"/>',
  plate:
    '<circle cx="32" cy="32" r="18"/><circle cx="32" cy="32" r="11" fill="none" stroke="SHADE" stroke-width="2"/>',
  hanger:
    '<path d="M32 26v-4q4-1 4-4.500t-4-3.500-4 3" fill="none" stroke="SHADE" stroke-width="2.5"/><path d="M32 25l20 15q1 4-3 4H15q-4 0-3-4z"/>',
  robe: '<path d="M24 14l8 8 8-8 10 10-5 6-3-2v22H22V28l-3 2-5-6z"/><path d="M22 34h20" stroke="SHADE" stroke-width="3"/>',
  tablecloth:
    '<path d="M14 20h36l4 26-7-4-5 4-5-4-5 4-5-4-5 4-5-4-7 4z"/><path d="M14 26h36" stroke="SHADE" stroke-width="2"/>',
}
