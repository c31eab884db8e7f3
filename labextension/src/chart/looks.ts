/** How a run looks in every chart and list: one colour and one dash, told apart by anyone. */

export interface ILook {
  color: string;
  dash: 'solid' | 'dot' | 'dash' | 'dashdot';
}

/** Colours that the colour-blind tell apart; without those that vanish on one of the themes. */
export const PALETTES = {
  'Okabe-Ito': ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'],
  'Tol vibrant': ['#0077bb', '#ee7733', '#009988', '#ee3377', '#cc3311', '#33bbee']
} as const;

export type Palette = keyof typeof PALETTES;

const COLORS_EACH = 6;
const COLOR = /^#[0-9a-f]{6}$/i;
const DASHES = ['solid', 'dot', 'dash', 'dashdot'] as const;
const COUNT = COLORS_EACH * DASHES.length;
const looksOf = (palette: Palette): ILook[] =>
  DASHES.flatMap(dash => PALETTES[palette].map(color => ({ color, dash })));
const LOOKS: Record<Palette, readonly ILook[]> = {
  'Okabe-Ito': looksOf('Okabe-Ito'),
  'Tol vibrant': looksOf('Tol vibrant')
};

/**
 * Gives each run a look that stays with it. It follows from the run's id; a run whose look
 * another one already wears takes the next that is free.
 */
export class Looks {
  /** Of which the runs take their colours; each keeps its place in it. */
  palette: Palette = 'Okabe-Ito';

  of(runId: string): ILook {
    const color = this.chosen.get(runId);
    return color ? { color, dash: 'solid' } : this.own(runId);
  }

  /** Let a run have the colour that somebody gave it; without one, its own. */
  choose(runId: string, color: string | null | undefined): void {
    if (color && COLOR.test(color)) {
      this.chosen.set(runId, color);
    } else {
      this.chosen.delete(runId);
    }
  }

  private own(runId: string): ILook {
    const known = this.worn.get(runId);
    if (known !== undefined) {
      return LOOKS[this.palette][known];
    }
    const free = this.nextFree(hash(runId) % COLORS_EACH);
    this.worn.set(runId, free);
    return LOOKS[this.palette][free];
  }

  private nextFree(preferred: number): number {
    const taken = new Set(this.worn.values());
    for (let i = 0; i < COUNT; i++) {
      const candidate = (preferred + i) % COUNT;
      if (!taken.has(candidate)) {
        return candidate;
      }
    }
    return preferred;
  }

  private readonly worn = new Map<string, number>();
  private readonly chosen = new Map<string, string>();
}

function hash(text: string): number {
  let value = 0;
  for (const char of text) {
    value = (value * 31 + char.charCodeAt(0)) >>> 0;
  }
  return value;
}
