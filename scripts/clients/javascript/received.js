// What the programs have in common: one line for each event that the library hands over.

export const url = process.argv[2];

/** Prints the number in the event's data, as a program that expects JSON would read it. */
export function received(type, data) {
  if (type === 'gap') {
    console.log('gap', data);
    return;
  }
  try {
    const {n} = JSON.parse(data);
    console.log('event', n);
  } catch {
    console.log('phantom', JSON.stringify({type, data}));
  }
}
