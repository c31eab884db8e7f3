import React from 'react';

interface IFactsProps {
  facts: readonly (readonly [string, string])[];
  /** Whether the values are words to be read, not what a program would write. */
  inWords?: boolean;
}

/** Names with their values. */
export function Facts({ facts, inWords = false }: IFactsProps): React.JSX.Element {
  return (
    <table className="nbtrail-Facts">
      <tbody>
        {facts.map((fact, i) => (
          <Fact key={i} fact={fact} inWords={inWords} />
        ))}
      </tbody>
    </table>
  );
}

interface IFactProps {
  fact: readonly [string, string];
  inWords?: boolean;
}

/** A row of such a table. */
export function Fact({ fact: [name, value], inWords = false }: IFactProps): React.JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={inWords ? undefined : 'nbtrail-Value'}>{value}</td>
    </tr>
  );
}
