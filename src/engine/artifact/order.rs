//! The order of tickets as a graph of places: dependencies first, otherwise as the model wrote
//! them. Knows places only, not what stands there.

/// An order in which everything comes after what it depends on and which keeps the given order
/// wherever it can; or a circle, its first place repeated at the end. `depends_on[i]` lists the
/// places that `i` needs; each must be a place of the list.
pub fn order(depends_on: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut placed = vec![false; depends_on.len()];
    let mut order = Vec::with_capacity(depends_on.len());
    while order.len() < depends_on.len() {
        let ready = (0..depends_on.len())
            .find(|&place| !placed[place] && depends_on[place].iter().all(|&need| placed[need]));
        let Some(place) = ready else {
            return Err(circle(depends_on, &placed));
        };
        placed[place] = true;
        order.push(place);
    }
    Ok(order)
}

/// Everything left waits for something left: following that comes back to where it was.
fn circle(depends_on: &[Vec<usize>], placed: &[bool]) -> Vec<usize> {
    let mut path: Vec<usize> = Vec::new();
    let mut next = placed.iter().position(|placed| !placed);
    while let Some(place) = next {
        if let Some(start) = path.iter().position(|&seen| seen == place) {
            path.drain(..start);
            path.push(place);
            break;
        }
        path.push(place);
        next = depends_on[place]
            .iter()
            .copied()
            .find(|&need| !placed[need]);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_given_order_is_kept_where_it_can_be() {
        assert_eq!(order(&[]), Ok(vec![]));
        assert_eq!(order(&[vec![], vec![], vec![]]), Ok(vec![0, 1, 2]));
        assert_eq!(order(&[vec![2], vec![], vec![]]), Ok(vec![1, 2, 0]));
        assert_eq!(
            order(&[vec![], vec![3], vec![0], vec![]]),
            Ok(vec![0, 2, 3, 1])
        );
    }

    #[test]
    fn a_circle_is_named() {
        assert_eq!(order(&[vec![1], vec![0]]), Err(vec![0, 1, 0]));
        // 0 only waits for the circle and is not part of it.
        assert_eq!(order(&[vec![1], vec![2], vec![1]]), Err(vec![1, 2, 1]));
        assert_eq!(order(&[vec![0]]), Err(vec![0, 0]));
    }

    proptest! {
        #[test]
        fn any_graph_gets_an_order_or_a_real_circle(
            graph in (1usize..9).prop_flat_map(|size| {
                prop::collection::vec(prop::collection::vec(0..size, 0..3), size)
            })
        ) {
            match order(&graph) {
                Ok(order) => {
                    let place = |wanted: usize| order.iter().position(|&at| at == wanted);
                    for (ticket, needs) in graph.iter().enumerate() {
                        for &need in needs {
                            prop_assert!(place(need) < place(ticket));
                        }
                    }
                    prop_assert_eq!(order.len(), graph.len());
                }
                Err(circle) => {
                    prop_assert!(circle.len() > 1);
                    prop_assert_eq!(circle.first(), circle.last());
                    for pair in circle.windows(2) {
                        prop_assert!(graph[pair[0]].contains(&pair[1]));
                    }
                }
            }
        }
    }
}
